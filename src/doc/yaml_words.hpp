#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "doc/node.hpp"

// How go-yaml, whose sentences the reader repeats, writes places and values.
namespace doc {

// Line 0 is unknown, column 0 is left out; others count from one.
std::string yaml_position(std::size_t line, std::size_t column);

// A scalar that is used as a key: `true`, `1`, `"text"`, `<nil>`; a date as Go makes it.
std::string go_key(const Node& scalar);

// A key that is a collection, as Go's %#v shows it.
std::string go_value(const Node& node);

}  // namespace doc
