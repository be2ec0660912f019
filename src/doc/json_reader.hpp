#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "diag/span.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace doc {

struct JsonError {
  std::string message;  // "missing a comma or } after an object member"
  std::size_t offset = 0;
};

// Reads one JSON text (RFC 8259; duplicate keys: the last wins, in the place of the first). Every
// node's span is {file, begin, end}. Integers beyond int64 become doubles; nesting is limited to
// 10,000.
util::Result<Node, JsonError> read_json(std::string_view text, diag::FileId file = {});

}  // namespace doc
