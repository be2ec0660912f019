#pragma once

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// In lists whose entries have an identity, a later entry takes the place of an earlier one.
void enforce_unicity(doc::Node& root, Problems& problems);

}  // namespace compose
