#include "net/url.hpp"

#include <algorithm>

#include "util/strings.hpp"

namespace net {

std::string Url::authority() const {
  const bool bracketed = host.find(':') != std::string::npos;
  std::string text = bracketed ? "[" + host + "]" : host;
  return port == 0 ? text : text + ":" + std::to_string(port);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    result.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    result.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (result.host.empty() || (!rest.empty() && rest.front() != ':')) {
    return std::nullopt;
  }
  if (rest.size() > 1) {
    const auto port = util::parse_int(rest.substr(1));
    if (!port || *port < 1 || *port > 65535 || !util::is_digit(rest[1])) {
      return std::nullopt;
    }
    result.port = static_cast<std::uint16_t>(*port);
  }
  return result;
}

std::optional<Url> parse_url(std::string_view text) {
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos || separator == 0) {
    return std::nullopt;
  }
  Url url;
  url.scheme = util::to_lower(text.substr(0, separator));
  text.remove_prefix(separator + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  const std::string_view authority = text.substr(0, authority_end);
  const auto host_port = parse_host_port(authority);
  if (!host_port || authority.find('@') != std::string_view::npos) {
    return std::nullopt;
  }
  url.host = host_port->host;
  url.port = host_port->port;
  const std::string_view target = text.substr(authority_end);
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return url;
}

}  // namespace net
