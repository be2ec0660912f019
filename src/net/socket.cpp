#include "net/socket.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>

namespace net {

namespace {

std::error_code errno_code() {
  return {errno, std::system_category()};
}

void send_without_delay(int fd, int family) {
  if (family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
}

util::Fd open_socket(int family, int type = SOCK_STREAM) {
  return util::Fd(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

template <class Address>
Address view_as(const sockaddr_storage& storage) {
  Address address{};
  std::memcpy(&address, &storage, sizeof address);
  return address;
}

}  // namespace

std::optional<SocketAddress> SocketAddress::ip(std::string_view host, std::uint16_t port) {
  const std::string name(host == "localhost" ? std::string_view("127.0.0.1") : host);
  SocketAddress result;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, name.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&result.storage_, &v4, sizeof v4);
    result.size_ = sizeof v4;
    return result;
  }
  if (::inet_pton(AF_INET6, name.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&result.storage_, &v6, sizeof v6);
    result.size_ = sizeof v6;
    return result;
  }
  return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::unix_path(std::string_view path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return std::nullopt;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  SocketAddress result;
  std::memcpy(&result.storage_, &address, sizeof address);
  result.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return result;
}

SocketAddress SocketAddress::local_of(int fd) {
  SocketAddress result;
  result.size_ = sizeof result.storage_;
  ::getsockname(fd, std::bit_cast<sockaddr*>(&result.storage_), &result.size_);
  return result;
}

SocketAddress SocketAddress::peer_of(int fd) {
  SocketAddress result;
  result.size_ = sizeof result.storage_;
  ::getpeername(fd, std::bit_cast<sockaddr*>(&result.storage_), &result.size_);
  return result;
}

const sockaddr* SocketAddress::data() const {
  return std::bit_cast<const sockaddr*>(&storage_);
}

std::uint16_t SocketAddress::port() const {
  switch (family()) {
    case AF_INET: return ntohs(view_as<sockaddr_in>(storage_).sin_port);
    case AF_INET6: return ntohs(view_as<sockaddr_in6>(storage_).sin6_port);
    default: return 0;
  }
}

std::string SocketAddress::host() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  switch (family()) {
    case AF_INET: {
      const auto address = view_as<sockaddr_in>(storage_);
      return ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    }
    case AF_INET6: {
      const auto address = view_as<sockaddr_in6>(storage_);
      return ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    }
    case AF_UNIX: {
      const auto address = view_as<sockaddr_un>(storage_);
      return {address.sun_path, ::strnlen(address.sun_path, sizeof address.sun_path)};
    }
    default: return {};
  }
}

std::string SocketAddress::text() const {
  switch (family()) {
    case AF_INET: return host() + ":" + std::to_string(port());
    case AF_INET6: return "[" + host() + "]:" + std::to_string(port());
    default: return host();
  }
}

util::Result<util::Fd, std::error_code> listen_on(const SocketAddress& address, int backlog) {
  util::Fd fd = open_socket(address.family());
  if (!fd) {
    return util::unexpected(errno_code());
  }
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), address.data(), address.size()) != 0 || ::listen(fd.get(), backlog) != 0) {
    return util::unexpected(errno_code());
  }
  return fd;
}

util::Result<util::Fd, std::error_code> bind_datagrams(const SocketAddress& address) {
  util::Fd fd = open_socket(address.family(), SOCK_DGRAM);
  if (!fd || ::bind(fd.get(), address.data(), address.size()) != 0) {
    return util::unexpected(errno_code());
  }
  return fd;
}

util::Result<util::Fd, std::error_code> connect_datagrams(const SocketAddress& peer) {
  util::Fd fd = open_socket(peer.family(), SOCK_DGRAM);
  if (!fd || ::connect(fd.get(), peer.data(), peer.size()) != 0) {
    return util::unexpected(errno_code());
  }
  return fd;
}

util::Result<util::Fd, std::error_code> start_connect(const SocketAddress& address) {
  util::Fd fd = open_socket(address.family());
  if (!fd) {
    return util::unexpected(errno_code());
  }
  send_without_delay(fd.get(), address.family());
  if (::connect(fd.get(), address.data(), address.size()) != 0 && errno != EINPROGRESS) {
    return util::unexpected(errno_code());
  }
  return fd;
}

std::error_code connect_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    return errno_code();
  }
  return {error, std::system_category()};
}

util::Fd accept_connection(int listener, std::error_code& error) {
  util::Fd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) {
    error = errno_code();
    return fd;
  }
  send_without_delay(fd.get(), AF_INET);  // fails harmlessly on a unix socket
  return fd;
}

Wait wait_for(int fd, short poll_events, Deadline deadline, int cancel_fd) {
  while (true) {
    std::array<pollfd, 2> fds{{{fd, poll_events, 0}, {cancel_fd, POLLIN, 0}}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto wait = std::clamp<std::int64_t>(left.count(), 0, 3'600'000);
    const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(wait));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (fds[1].revents != 0) {
      return Wait::cancelled;
    }
    if (ready > 0) {
      return Wait::ready;
    }
    if (left.count() <= wait) {
      return Wait::timeout;
    }
  }
}

}  // namespace net
