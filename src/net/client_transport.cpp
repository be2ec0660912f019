#include "net/client_transport.hpp"

#include "net/url.hpp"
#include "util/strings.hpp"

namespace net {

bool is_near_host(std::string_view host) {
  return util::iequals(host, "localhost") || host.starts_with("127.") || host == "::1" ||
         host.starts_with("169.254.") || host.starts_with("fd00:ec2:");
}

util::Result<HttpResponse, TransportError> ClientTransport::send(const HttpRequest& request) {
  const auto url = parse_url(request.url);
  const bool near = url && url->scheme == "http" && is_near_host(url->host);
  return near ? sockets_.send(request) : curl_.send(request);
}

}  // namespace net
