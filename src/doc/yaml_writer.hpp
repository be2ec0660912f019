#pragma once

#include <string>
#include <string_view>

#include "doc/node.hpp"

namespace doc {

// YAML text of `node` in block style, keys in their order, two spaces a level, a final newline.
// Strings that a reader of YAML 1.1 or 1.2 would take for something else (yes, 012, 2012-10-17,
// 1:30) are quoted; strings of several lines become literal blocks. Reading the text back gives the
// same values and tags. Bytes that are not UTF-8 become U+FFFD.
std::string to_yaml(const Node& node);

// One scalar as it stands in a single line: plain where that is safe, else in double quotes.
std::string yaml_scalar(std::string_view text);

}  // namespace doc
