#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace aws {

// "Sun, 06 Nov 1994 08:49:37 GMT" (the only form that servers still send) as milliseconds since the
// epoch.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace aws
