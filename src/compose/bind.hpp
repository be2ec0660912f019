#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Gives every attribute of a normalised document its type: sizes, durations, commands, lists of
// variables as mappings. What comes back is the tree that is printed: attributes in Compose's
// order, nothing that is empty, unknown keys gone. Reports all values that do not fit.
doc::Node bind(doc::Node root, Problems& problems);

// Every attribute that a bound service has, by its path ("ports.target"), with the place of its
// key. The keys of free mappings (environment, labels, extensions) are no attributes.
std::vector<diag::Located<std::string>> attribute_paths(const doc::Node& service);

// The table of types; see bind_table.cpp for the notation.
std::string_view bind_table();

}  // namespace compose
