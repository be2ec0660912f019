#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/socket.h>

#include "util/fd.hpp"
#include "util/result.hpp"

namespace net {

// An address that needs no look-up: IPv4, IPv6, or the path of a unix socket.
class SocketAddress {
 public:
  // `host` is numeric, or "localhost" (which is 127.0.0.1); nothing for any other name.
  static std::optional<SocketAddress> ip(std::string_view host, std::uint16_t port);
  // Nothing when the path does not fit (107 bytes).
  static std::optional<SocketAddress> unix_path(std::string_view path);
  // Where a socket is bound, or its peer.
  static SocketAddress local_of(int fd);
  static SocketAddress peer_of(int fd);

  [[nodiscard]] const sockaddr* data() const;

  [[nodiscard]] socklen_t size() const { return size_; }

  [[nodiscard]] int family() const { return storage_.ss_family; }

  [[nodiscard]] std::uint16_t port() const;  // 0 for unix sockets
  [[nodiscard]] std::string host() const;    // "127.0.0.1", "::1", or the path
  [[nodiscard]] std::string text() const;    // "127.0.0.1:80", "[::1]:80", or the path

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

// All sockets made here are non-blocking and close-on-exec; TCP ones send without delay
// (TCP_NODELAY). Writers pass MSG_NOSIGNAL, so a peer that went away is an error code and never a
// signal.
using Deadline = std::chrono::steady_clock::time_point;

util::Result<util::Fd, std::error_code> listen_on(const SocketAddress& address, int backlog = 1024);
// UDP sockets: one that receives at an address, and one that speaks with a peer only.
util::Result<util::Fd, std::error_code> bind_datagrams(const SocketAddress& address);
util::Result<util::Fd, std::error_code> connect_datagrams(const SocketAddress& peer);
// A connection under way: writable once settled, then ask connect_error().
util::Result<util::Fd, std::error_code> start_connect(const SocketAddress& address);
std::error_code connect_error(int fd);
// Empty when nothing is waiting (error is EAGAIN) or accept failed.
util::Fd accept_connection(int listener, std::error_code& error);

enum class Wait : std::uint8_t { ready, timeout, cancelled };
// Blocks until `fd` has one of `poll_events` (or an error), the deadline, or until `cancel_fd` (-1:
// none) is readable.
Wait wait_for(int fd, short poll_events, Deadline deadline, int cancel_fd = -1);

}  // namespace net
