#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace awsapi {

// "2026-11-23T01:02:03.004Z", always with milliseconds. Years outside 0..9999 are clamped.
std::string to_iso8601(std::int64_t millis);

// What AWS services and clients write for an instant: ISO 8601 (fraction and offset optional, a
// bare date is midnight UTC), or seconds since the epoch as a decimal number. Nothing for anything
// else.
std::optional<std::int64_t> parse_instant(std::string_view text);

}  // namespace awsapi
