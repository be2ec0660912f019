#pragma once

#include <string>

#include "doc/node.hpp"

namespace compose {

enum class JsonLayout { compact, indented };

// JSON text as the reference's own writer (Go's encoding/json) makes it, byte for byte: `<`, `>`
// and
// `&` escaped, numbers in its forms. Keys stay in their order. Indented: two spaces, no newline at
// the end.
std::string reference_json(const doc::Node& node, JsonLayout layout);

}  // namespace compose
