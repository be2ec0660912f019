#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace util {

// RFC 3986 percent-encoding: everything but letters, digits and "-._~" (and the characters in
// `keep`), upper-case hex.
std::string uri_encode(std::string_view text, std::string_view keep = {});

// Undoes percent-encoding; a '%' that is not followed by two hex digits stays as it is.
std::string uri_decode(std::string_view text);

// The parts of an absolute http(s) URL. `path` starts with '/' and is as written (still encoded);
// no fragment.
struct Uri {
  std::string scheme;  // lower case
  std::string host;    // lower case, without the brackets of an IPv6 address
  int port = 0;        // 0 = the scheme's own
  std::string path = "/";
  std::string query;  // without '?'
  bool ipv6 = false;

  // "host" or "host:port" as the Host header has it: a default port is left out, IPv6 gets its
  // brackets.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] int port_or_default() const;
};

// Nothing for anything but http and https, for user information, and for ports out of range.
std::optional<Uri> parse_uri(std::string_view text);

}  // namespace util
