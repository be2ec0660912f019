#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net {

// "http://127.0.0.1:4566/path?query". Only what a client needs to connect and to write a request
// line.
struct Url {
  std::string scheme;      // lower case
  std::string host;        // without the brackets of an IPv6 address
  std::uint16_t port = 0;  // 0: the scheme's own
  std::string target;      // "/path?query", never empty; a fragment is dropped

  // As a Host header writes it: "[::1]:80", "example.com".
  [[nodiscard]] std::string authority() const;
};

// Nothing when it is not absolute, names a user, or has a bad port.
std::optional<Url> parse_url(std::string_view text);

// A host and optional port as in a Host header; port 0 when absent.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace net
