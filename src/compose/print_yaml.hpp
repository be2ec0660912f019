#pragma once

#include <string>

#include "doc/node.hpp"

namespace compose {

// YAML text as the reference's own writer (go-yaml, with two spaces a level and no limit of width)
// makes it, byte for byte: which strings are quoted and how, how numbers read. Keys stay in their
// order. The one exception are texts that come back from the reference's form as something else:
// they are put in double quotes. Of tags, only that of a time is known; others are not written.
std::string reference_yaml(const doc::Node& node);

}  // namespace compose
