#pragma once

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Fills in what a canonical document may leave out, once all files are merged.
void set_defaults(doc::Node& root, Problems& problems);

// The rules between attributes of one resource that the schema cannot tell.
void check_resources(const doc::Node& root, Problems& problems);

}  // namespace compose
