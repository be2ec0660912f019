#include <cerrno>
#include <utility>

#include "local/balancer/balancer.hpp"
#include "net/socket.hpp"

namespace local::balancer {

namespace {

BindError describe_bind_error(const std::vector<std::string>& hosts,
                              std::uint16_t port,
                              std::error_code error) {
  const std::string number = std::to_string(port);
  const std::string where =
      hosts.size() == 1 ? hosts.front() : hosts.front() + " to " + hosts.back();
  switch (error.value()) {
    case EADDRINUSE:
      return {BindError::Kind::taken,
              "Port " + number + " is already in use on this machine (" + where +
                  "). Stop the program that has it, or publish another port."};
    case EACCES:
    case EPERM:
      return {
          BindError::Kind::forbidden,
          "Port " + number +
              " is reserved for the administrator on this machine. Publish a port of 1024 or above, or "
              "allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=" +
              number};
    default:
      return {BindError::Kind::other,
              "Port " + number + " cannot be opened on " + where + ": " + error.message()};
  }
}

}  // namespace

util::Result<BoundListener, BindError> bind_listener(const std::vector<std::string>& hosts,
                                                     std::uint16_t port) {
  std::error_code last = std::make_error_code(std::errc::invalid_argument);
  for (const std::string& host : hosts) {
    const auto address = net::SocketAddress::ip(host, port);
    if (!address) {
      continue;
    }
    auto socket = net::listen_on(*address);
    if (!socket) {
      last = socket.error();
      continue;
    }
    BoundListener bound{host, {}};
    const std::uint16_t actual = net::SocketAddress::local_of(socket->get()).port();
    bound.sockets.push_back(std::move(*socket));
    if (host == "127.0.0.1") {
      if (auto second = net::listen_on(*net::SocketAddress::ip("::1", actual))) {
        bound.sockets.push_back(std::move(*second));
      }
    }
    return bound;
  }
  return util::unexpected(describe_bind_error(hosts, port, last));
}

}  // namespace local::balancer
