#include "docker/http_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/strings.hpp"

namespace docker {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::size_t kMaxLine = 64 * 1024;

util::unexpected<Error> connection_error(ErrorKind kind, std::string message) {
  return util::unexpected<Error>(Error{kind, 0, std::move(message)});
}

std::string system_error(std::string_view what) {
  std::array<char, 128> text{};
  return std::string(what) + ": " + strerror_r(errno, text.data(), text.size());
}

int remaining_ms(const Deadline& deadline) {
  if (!deadline) {
    return -1;
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      *deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, 3'600'000));
}

Result<void> wait_for(int socket,
                      short events,
                      const Deadline& deadline,
                      const Cancellation* cancel) {
  std::array<pollfd, 2> fds{pollfd{socket, events, 0},
                            pollfd{cancel == nullptr ? -1 : cancel->descriptor(), POLLIN, 0}};
  while (true) {
    const int limit = remaining_ms(deadline);
    const int ready = poll(fds.data(), fds.size(), limit);
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (ready < 0) {
      return connection_error(ErrorKind::unreachable, system_error("poll"));
    }
    if (fds[1].revents != 0) {
      return connection_error(ErrorKind::cancelled, "cancelled");
    }
    if (fds[0].revents != 0) {
      return {};
    }
    if (ready == 0) {
      return connection_error(ErrorKind::cancelled, "no answer from Docker Engine in time");
    }
  }
}

Result<int> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return connection_error(ErrorKind::unreachable, "socket path too long: " + path);
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
                    0) {  // the sockets API
    const std::string reason = system_error("unix://" + path);
    if (fd >= 0) {
      close(fd);
    }
    return connection_error(ErrorKind::unreachable, reason);
  }
  return fd;
}

Result<int> connect_tcp(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (rc != 0) {
    return connection_error(ErrorKind::unreachable, host + ": " + gai_strerror(rc));
  }
  std::string reason = host + ": no address";
  int connected = -1;
  for (const addrinfo* at = found; at != nullptr && connected < 0; at = at->ai_next) {
    const int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) == 0) {
      connected = fd;
    } else {
      reason = system_error("tcp://" + host + ":" + port);
      if (fd >= 0) {
        close(fd);
      }
    }
  }
  freeaddrinfo(found);
  if (connected < 0) {
    return connection_error(ErrorKind::unreachable, reason);
  }
  return connected;
}

// "HTTP/1.1 204 No Content" -> 204
std::optional<int> status_of(std::string_view line) {
  if (line.size() < 12 || !line.starts_with("HTTP/1.")) {
    return std::nullopt;
  }
  const auto number = util::parse_int(line.substr(9, 3));
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<std::size_t> hex_size(std::string_view text) {
  std::size_t value = 0;
  if (text.empty() || text.size() > 12) {
    return std::nullopt;
  }
  for (const char c : text) {
    const auto digit =
        std::string_view("0123456789abcdef").find(util::to_lower(std::string_view(&c, 1)));
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

Result<Address> parse_address(std::string_view host) {
  constexpr std::string_view kUnix = "unix://";
  if (host.empty()) {
    return Address{"/var/run/docker.sock", {}, {}};
  }
  if (host.starts_with(kUnix) || host.starts_with('/')) {
    return Address{std::string(host.starts_with('/') ? host : host.substr(kUnix.size())), {}, {}};
  }
  for (const std::string_view scheme : {"tcp://", "http://"}) {
    if (host.starts_with(scheme)) {
      std::string_view rest = host.substr(scheme.size());
      rest = rest.substr(0, rest.find('/'));
      const std::size_t colon = rest.rfind(':');
      const bool has_port =
          colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
      std::string name(rest.substr(0, has_port ? colon : rest.size()));
      if (name.starts_with('[') && name.ends_with(']')) {
        name = name.substr(1, name.size() - 2);
      }
      return Address{{}, std::move(name), has_port ? std::string(rest.substr(colon + 1)) : "2375"};
    }
  }
  return connection_error(
      ErrorKind::unreachable,
      "unsupported Docker host \"" + std::string(host) + "\" (unix:// and tcp:// are)");
}

Cancellation::Cancellation() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Cancellation::~Cancellation() {
  close(event_);
}

void Cancellation::cancel() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_, &one, sizeof(one));
}

bool Cancellation::cancelled() const {
  pollfd fd{event_, POLLIN, 0};
  return poll(&fd, 1, 0) > 0;
}

Result<std::unique_ptr<HttpConnection>> HttpConnection::open(const Address& address) {
  auto fd = address.unix_path.empty() ? connect_tcp(address.host, address.port)
                                      : connect_unix(address.unix_path);
  if (!fd) {
    return util::unexpected(std::move(fd.error()));
  }
  return std::unique_ptr<HttpConnection>(new HttpConnection(*fd));
}

HttpConnection::~HttpConnection() {
  close(socket_);
}

Result<void> HttpConnection::write_all(std::string_view bytes,
                                       Deadline deadline,
                                       const Cancellation* cancel) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (auto ready = wait_for(socket_, POLLOUT, deadline, cancel); !ready) {
        return ready;
      }
    } else if (errno != EINTR) {
      return connection_error(ErrorKind::unreachable, system_error("send to Docker Engine"));
    }
  }
  return {};
}

Result<bool> HttpConnection::fill(Deadline deadline, const Cancellation* cancel) {
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = 0;
  }
  while (true) {
    if (auto ready = wait_for(socket_, POLLIN, deadline, cancel); !ready) {
      return util::unexpected(std::move(ready.error()));
    }
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kReadSize);
    const auto got = recv(socket_, buffer_.data() + before, kReadSize, MSG_DONTWAIT);
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0) {
      answered_ = true;
      return true;
    }
    if (got == 0) {
      return false;
    }
    if (errno != EINTR && errno != EAGAIN) {
      return connection_error(ErrorKind::unreachable, system_error("receive from Docker Engine"));
    }
  }
}

Result<std::string> HttpConnection::read_line(Deadline deadline, const Cancellation* cancel) {
  while (true) {
    const std::size_t end = buffer_.find('\n', at_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(at_, end - at_);
      at_ = end + 1;
      if (line.ends_with('\r')) {
        line.pop_back();
      }
      return line;
    }
    if (buffer_.size() - at_ > kMaxLine) {
      return connection_error(ErrorKind::protocol, "header line too long");
    }
    const auto more = fill(deadline, cancel);
    if (!more) {
      return util::unexpected(more.error());
    }
    if (!*more) {
      return connection_error(ErrorKind::unreachable, "Docker Engine closed the connection");
    }
  }
}

void HttpConnection::begin_body(const net::HttpResponse& head, bool no_body) {
  const auto connection = net::find_header(head.headers, "Connection");
  keep_alive_ = !connection || !util::iequals(*connection, "close");
  const auto length = net::find_header(head.headers, "Content-Length");
  const auto encoding = net::find_header(head.headers, "Transfer-Encoding");
  left_ = 0;
  if (no_body || head.status == 204 || head.status == 304) {
    body_ = Body::done;
  } else if (encoding && util::iequals(*encoding, "chunked")) {
    body_ = Body::chunked;
  } else if (length) {
    left_ = static_cast<std::size_t>(util::parse_int(*length).value_or(0));
    body_ = left_ == 0 ? Body::done : Body::counted;
  } else {
    body_ = Body::until_close;
    keep_alive_ = false;
  }
}

Result<net::HttpResponse> HttpConnection::send(const HttpCall& call,
                                               Deadline deadline,
                                               const Cancellation* cancel) {
  answered_ = false;
  std::string request;
  request.reserve(512 + call.body.size());
  request.append(call.method)
      .append(" ")
      .append(call.target)
      .append(" HTTP/1.1\r\nHost: docker\r\n");
  for (const net::Header& header : call.headers) {
    request.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!call.body.empty() || call.method != "GET") {
    request.append("Content-Length: ").append(std::to_string(call.body.size())).append("\r\n");
  }
  if (!call.body.empty()) {
    request.append("Content-Type: ").append(call.content_type).append("\r\n");
  }
  request.append("\r\n").append(call.body);
  if (auto sent = write_all(request, deadline, cancel); !sent) {
    return util::unexpected(std::move(sent.error()));
  }
  net::HttpResponse head;
  do {
    auto status_line = read_line(deadline, cancel);
    if (!status_line) {
      return util::unexpected(std::move(status_line.error()));
    }
    const auto status = status_of(*status_line);
    if (!status) {
      return connection_error(ErrorKind::protocol,
                              "not an HTTP answer: " + status_line->substr(0, 80));
    }
    head.status = *status;
    head.headers.clear();
    while (true) {
      auto line = read_line(deadline, cancel);
      if (!line) {
        return util::unexpected(std::move(line.error()));
      }
      if (line->empty()) {
        break;
      }
      const std::size_t colon = std::min(line->find(':'), line->size());
      const std::string_view value =
          std::string_view(*line).substr(std::min(colon + 1, line->size()));
      head.headers.push_back({line->substr(0, colon), std::string(util::trim(value))});
    }
  } while (head.status == 100);
  begin_body(head, call.method == "HEAD");
  return head;
}

Result<bool> HttpConnection::read_chunk(std::string& out,
                                        Deadline deadline,
                                        const Cancellation* cancel) {
  if (left_ == 0) {
    auto line = read_line(deadline, cancel);
    if (!line) {
      return util::unexpected(std::move(line.error()));
    }
    const auto size = hex_size(util::trim(std::string_view(*line).substr(0, line->find(';'))));
    if (!size) {
      return connection_error(ErrorKind::protocol, "bad chunk size");
    }
    if (*size == 0) {
      for (auto trailer = read_line(deadline, cancel);; trailer = read_line(deadline, cancel)) {
        if (!trailer) {
          return util::unexpected(std::move(trailer.error()));
        }
        if (trailer->empty()) {
          break;
        }
      }
      body_ = Body::done;
      return false;
    }
    left_ = *size;
  }
  while (at_ == buffer_.size()) {
    const auto more = fill(deadline, cancel);
    if (!more || !*more) {
      return connection_error(more ? ErrorKind::unreachable : more.error().kind,
                              more ? "Docker Engine closed the connection" : more.error().message);
    }
  }
  const std::size_t take = std::min(left_, buffer_.size() - at_);
  out.append(buffer_, at_, take);
  at_ += take;
  left_ -= take;
  if (left_ == 0) {
    if (auto end = read_line(deadline, cancel); !end) {
      return util::unexpected(std::move(end.error()));
    }
  }
  return true;
}

Result<bool> HttpConnection::read_body(std::string& out,
                                       Deadline deadline,
                                       const Cancellation* cancel) {
  if (body_ == Body::done) {
    return false;
  }
  if (body_ == Body::chunked) {
    return read_chunk(out, deadline, cancel);
  }
  if (at_ == buffer_.size()) {
    const auto more = fill(deadline, cancel);
    if (!more) {
      return util::unexpected(more.error());
    }
    if (!*more) {
      if (body_ == Body::counted) {
        return connection_error(ErrorKind::unreachable, "Docker Engine closed the connection");
      }
      body_ = Body::done;
      return false;
    }
  }
  const std::size_t available = buffer_.size() - at_;
  const std::size_t take = body_ == Body::counted ? std::min(left_, available) : available;
  out.append(buffer_, at_, take);
  at_ += take;
  if (body_ == Body::counted) {
    left_ -= take;
    if (left_ == 0) {
      body_ = Body::done;
    }
  }
  return true;
}

}  // namespace docker
