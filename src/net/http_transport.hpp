#pragma once

#include <cstdint>
#include <string>

#include "net/http_message.hpp"
#include "util/result.hpp"

namespace net {

struct TransportError {
  enum class Kind : std::uint8_t { resolve, connect, tls, timeout, cancelled, protocol };
  Kind kind = Kind::protocol;
  std::string detail;
};

// The only door to the network for src/aws. Production: curl. Tests: a scripted fake. Safe to call
// from many threads.
class HttpTransport {
 public:
  HttpTransport() = default;
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;
  virtual ~HttpTransport() = default;
  virtual util::Result<HttpResponse, TransportError> send(const HttpRequest& request) = 0;
};

}  // namespace net
