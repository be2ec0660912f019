#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace awsapi {

// "Sun, 06 Nov 1994 08:49:37 GMT" (the only form that servers still send) as milliseconds since the
// epoch.
std::optional<std::int64_t> parse_http_date(std::string_view text);

// The same the other way round; milliseconds are cut off.
std::string to_http_date(std::int64_t millis);

}  // namespace awsapi
