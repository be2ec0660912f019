#include "util/uri.hpp"

#include "util/strings.hpp"

namespace util {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool set_port(Uri& uri, std::string_view text) {
  if (text.empty()) {
    return true;
  }
  const auto port = parse_int(text);
  if (!port || *port < 1 || *port > 65'535 || !is_digit(text.front())) {
    return false;
  }
  uri.port = static_cast<int>(*port);
  return true;
}

bool set_authority(Uri& uri, std::string_view authority) {
  if (authority.empty() || authority.find_first_of("@ \t\r\n") != std::string_view::npos) {
    return false;
  }
  std::string_view port;
  if (authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos || end == 1) {
      return false;
    }
    uri.ipv6 = true;
    uri.host = to_lower(authority.substr(1, end - 1));
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') {
      return false;
    }
  } else {
    const std::size_t colon = authority.find(':');
    uri.host = to_lower(authority.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
  }
  return !uri.host.empty() && set_port(uri, port.empty() ? port : port.substr(1));
}

}  // namespace

std::string uri_encode(std::string_view text, std::string_view keep) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
        keep.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHexDigits[byte >> 4U];
      out += kHexDigits[byte & 15U];
    }
  }
  return out;
}

std::string uri_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

int Uri::port_or_default() const {
  return port != 0 ? port : scheme == "https" ? 443 : 80;
}

std::string Uri::authority() const {
  std::string out = ipv6 ? "[" + host + "]" : host;
  const bool standard =
      port == 0 || (scheme == "https" && port == 443) || (scheme == "http" && port == 80);
  if (!standard) {
    out += ":" + std::to_string(port);
  }
  return out;
}

std::optional<Uri> parse_uri(std::string_view text) {
  Uri uri;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return std::nullopt;
  }
  uri.scheme = to_lower(text.substr(0, scheme_end));
  if (uri.scheme != "http" && uri.scheme != "https") {
    return std::nullopt;
  }
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t authority_end = text.find_first_of("/?");
  if (!set_authority(uri, text.substr(0, authority_end))) {
    return std::nullopt;
  }
  if (authority_end == std::string_view::npos) {
    return uri;
  }
  text.remove_prefix(authority_end);
  const std::size_t question = text.find('?');
  if (const std::string_view path = text.substr(0, question); !path.empty()) {
    uri.path = path;
  }
  if (question != std::string_view::npos) {
    uri.query = text.substr(question + 1);
  }
  return uri;
}

}  // namespace util
