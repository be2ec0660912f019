#pragma once

#include <cstdint>
#include <string>

#include "doc/node.hpp"

namespace doc {

enum class JsonStyle : std::uint8_t { compact, pretty };

// JSON text of `node`, keys in their order, doubles in the shortest form that reads back exactly.
// Bytes that are not UTF-8 become U+FFFD. Pretty = two spaces, a final newline. Tags are not
// written.
std::string to_json(const Node& node, JsonStyle style = JsonStyle::compact);

// A JSON string literal with its quotes.
std::string json_quote(std::string_view text);

}  // namespace doc
