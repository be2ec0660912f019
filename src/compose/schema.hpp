#pragma once

#include <string_view>

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Checks the merged document against the specification's schema. Reports every fault, each by its
// most specific sentence, as found after merging `file`.
void validate_schema(const doc::Node& root, std::string_view file, Problems& problems);

// The table it is read from; see schema_table.cpp for the notation.
std::string_view schema_table();

}  // namespace compose
