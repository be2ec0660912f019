#include <algorithm>
#include <cerrno>
#include <iterator>
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

namespace {

// One host's sockets for the kind; `port` becomes the one that the first socket got.
std::error_code bind_host(BoundListener& bound, const std::string& host, std::uint16_t& port) {
  const bool datagrams = bound.kind == ListenerKind::udp || bound.kind == ListenerKind::tcp_udp;
  if (bound.kind != ListenerKind::udp) {
    auto socket = net::listen_on(*net::SocketAddress::ip(host, port));
    if (!socket) {
      return socket.error();
    }
    port = net::SocketAddress::local_of(socket->get()).port();
    bound.streams.push_back(std::move(*socket));
  }
  if (datagrams) {
    auto socket = net::bind_datagrams(*net::SocketAddress::ip(host, port));
    if (!socket) {
      return socket.error();
    }
    port = net::SocketAddress::local_of(socket->get()).port();
    bound.datagrams.push_back(std::move(*socket));
  }
  return {};
}

}  // namespace

util::Result<BoundListener, BindError> bind_listener(ListenerKind kind,
                                                     const std::vector<std::string>& hosts,
                                                     std::uint16_t port) {
  std::error_code last = std::make_error_code(std::errc::invalid_argument);
  for (const std::string& host : hosts) {
    if (!net::SocketAddress::ip(host, port)) {
      continue;
    }
    BoundListener bound{host, kind, {}, {}};
    std::uint16_t actual = port;
    if (const auto error = bind_host(bound, host, actual)) {
      last = error;
      continue;
    }
    if (host == "127.0.0.1") {
      BoundListener second{"::1", kind, {}, {}};
      if (!bind_host(second, "::1", actual)) {
        std::ranges::move(second.streams, std::back_inserter(bound.streams));
        std::ranges::move(second.datagrams, std::back_inserter(bound.datagrams));
      }
    }
    return bound;
  }
  return util::unexpected(describe_bind_error(hosts, port, last));
}

}  // namespace local::balancer
