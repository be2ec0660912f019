#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "doc/node.hpp"

namespace doc {

// The tag of a string that stands for a point in time: an unquoted `2024-01-01` or
// `2024-01-01T10:00:00Z`, kept as RFC 3339.
inline constexpr std::string_view kTimestampTag = "!!timestamp";

// The tag of a double that stands for a whole number beyond int64: this word and its digits.
inline constexpr std::string_view kUnsignedTag = "!!int ";

// The digits of such a number; empty for every other node.
inline std::string_view unsigned_digits(const Node& node) {
  const std::string_view tag = node.tag.text();
  return tag.starts_with(kUnsignedTag) ? tag.substr(kUnsignedTag.size()) : std::string_view{};
}

struct ScalarValue {
  Node::Value value;
  bool is_timestamp = false;         // the value is a string in RFC 3339
  std::string unsigned_digits = {};  // the value is the nearest double of this number
};

// What an unquoted YAML scalar means: YAML 1.1 numbers (0755 is octal, 1_000), booleans only as
// true/false, timestamps.
ScalarValue resolve_plain_scalar(std::string_view text);

// The same for a scalar with an explicit core tag ("!!int" …); nothing when the text is no such
// thing.
std::optional<ScalarValue> resolve_tagged_scalar(std::string_view tag, std::string_view text);

// How a number or a time reads where text is wanted: 1e+06 for 1000000.0, "2024-01-01 00:00:00
// +0000 UTC".
std::string number_text(double value);
std::string timestamp_text(std::string_view rfc3339);

// Decimal floating point, the whole text ("1.5", "1e3", ".5", "inf", "0x1p-2").
std::optional<double> parse_double(std::string_view text);

}  // namespace doc
