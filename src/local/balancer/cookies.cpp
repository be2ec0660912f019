#include "local/balancer/cookies.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "util/hash.hpp"
#include "util/strings.hpp"

namespace local::balancer {

namespace {

constexpr std::size_t kFingerprintSize = 32;

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string http_date(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(),
          std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string fingerprint(std::string_view name) {
  return util::sha256_hex(name).substr(0, kFingerprintSize);
}

std::optional<std::string_view> cookie_value(const std::vector<net::Header>& headers,
                                             std::string_view name) {
  for (const net::Header& header : headers) {
    if (!util::iequals(header.name, "cookie")) {
      continue;
    }
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::string_view pair = util::trim(rest.substr(0, rest.find(';')));
      rest.remove_prefix(std::min(rest.find(';'), rest.size() - 1) + 1);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
        return pair.substr(equals + 1);
      }
    }
  }
  return std::nullopt;
}

bool sets_cookie(const std::vector<net::Header>& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const net::Header& header) {
    return util::iequals(header.name, "set-cookie") && header.value.size() > name.size() &&
           header.value.starts_with(name) && header.value[name.size()] == '=';
  });
}

std::optional<std::string_view> valid_fingerprint(std::string_view value, WallTime now) {
  if (value.size() < kFingerprintSize + 2 || value[kFingerprintSize] != '-') {
    return std::nullopt;
  }
  const auto until = util::parse_int(value.substr(kFingerprintSize + 1));
  if (!until || *until < seconds_of(now)) {
    return std::nullopt;
  }
  return value.substr(0, kFingerprintSize);
}

std::vector<std::string> give_cookie(std::string_view name,
                                     std::string_view fingerprint,
                                     std::chrono::seconds duration,
                                     bool secure,
                                     WallTime now) {
  const std::string value =
      std::string(fingerprint) + "-" + std::to_string(seconds_of(now + duration));
  if (name == kAppCookie) {
    return {std::string(name) + "=" + value + "; Path=/"};
  }
  const std::string rest = "=" + value + "; Expires=" + http_date(now + duration) + "; Path=/";
  return {std::string(name) + rest,
          std::string(name) + "CORS" + rest + "; SameSite=None" + (secure ? "; Secure" : "")};
}

}  // namespace local::balancer
