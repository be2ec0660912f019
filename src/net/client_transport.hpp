#pragma once

#include <string_view>
#include <utility>

#include "net/curl_transport.hpp"
#include "net/http_transport.hpp"
#include "net/socket_transport.hpp"

namespace net {

// The transport of the AWS client: plain HTTP to this machine (the local engine) and to the
// metadata addresses goes over our own sockets, without libcurl and without a proxy; everything
// else goes through libcurl.
class ClientTransport final : public HttpTransport {
 public:
  explicit ClientTransport(CurlOptions options = {}) : curl_(std::move(options)) {}

  util::Result<HttpResponse, TransportError> send(const HttpRequest& request) override;

 private:
  SocketTransport sockets_;
  CurlTransport curl_;
};

// Loopback and link-local metadata hosts.
bool is_near_host(std::string_view host);

}  // namespace net
