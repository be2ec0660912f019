#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace net {

struct Header {
  std::string name;
  std::string value;
};

// The first header with this name, compared without case; nothing when absent.
std::optional<std::string_view> find_header(const std::vector<Header>& headers,
                                            std::string_view name);

struct HttpRequest {
  std::string method;
  std::string url;  // absolute for a client ("https://host/path?query"), origin form for a server
                    // ("/path?query")
  std::vector<Header> headers;
  std::string body;
  std::chrono::milliseconds timeout{30'000};  // whole exchange; clients only
};

struct HttpResponse {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
};

}  // namespace net
