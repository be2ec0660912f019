#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "net/http_transport.hpp"

namespace net {

struct CurlOptions {
  std::string ca_file;   // trusted certificates; empty = the system's
  std::stop_token stop;  // ends running and later exchanges with Kind::cancelled
};

// HTTPS and proxies by libcurl, which is opened at the first request (linking it would cost every
// start of the program several milliseconds). Proxies come from the usual environment variables.
// Keeps connections, follows no redirect, verifies certificates always; bodies are limited to 256
// MiB. Safe to call from many threads.
class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options = {});
  ~CurlTransport() override;

  util::Result<HttpResponse, TransportError> send(const HttpRequest& request) override;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace net
