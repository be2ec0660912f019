#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.hpp"

namespace local::balancer {

// The cookies by which an application load balancer knows a client again. Their content is a
// fingerprint of the target (or target group) and when it stops to count; AWS's is encrypted, and
// nobody may rely on what is in either.

using WallTime = std::chrono::system_clock::time_point;

inline constexpr std::string_view kTargetCookie = "AWSALB";
inline constexpr std::string_view kAppCookie = "AWSALBAPP-0";
inline constexpr std::string_view kGroupCookie = "AWSALBTG";

// "Fri, 15 Jan 2027 08:01:00 GMT"
std::string http_date(WallTime time);

// 32 characters that stand for `name`.
std::string fingerprint(std::string_view name);

// The value of a cookie that the client sent; the first one counts.
std::optional<std::string_view> cookie_value(const std::vector<net::Header>& headers,
                                             std::string_view name);
// Whether an answer sets the cookie `name`.
bool sets_cookie(const std::vector<net::Header>& headers, std::string_view name);

// The fingerprint in a value of ours, when it still counts.
std::optional<std::string_view> valid_fingerprint(std::string_view value, WallTime now);

// The values of Set-Cookie that give a client `fingerprint` for so long: the cookie, and (for the
// ones that browsers send along from other sites) its twin with "CORS" behind its name. An
// application's cookie has no twin and no expiry.
std::vector<std::string> give_cookie(std::string_view name,
                                     std::string_view fingerprint,
                                     std::chrono::seconds duration,
                                     bool secure,
                                     WallTime now);

}  // namespace local::balancer
