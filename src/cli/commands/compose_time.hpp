#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cli {

// A moment as `--since` and `--until` take it, in milliseconds since the epoch: a duration before
// now ("42m", "1h30m"), RFC 3339 ("2026-01-02T13:23:37Z", "2026-01-02T13:23:37+09:00"; date only,
// or without a zone: UTC), or seconds since the epoch. Nothing when it is none of these.
std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_millis);

}  // namespace cli
