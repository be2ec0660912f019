#include "net/socket_transport.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "net/http_codec.hpp"
#include "net/socket.hpp"
#include "net/url.hpp"
#include "util/fd.hpp"
#include "util/strings.hpp"

namespace net {

namespace {

using Kind = TransportError::Kind;
constexpr std::size_t kIdlePerPlace = 16;
constexpr std::size_t kLargestBody = std::size_t{256} * 1024 * 1024;
constexpr Deadline kNever = Deadline::max();

util::unexpected<TransportError> failure(Kind kind, std::string detail) {
  return util::unexpected(TransportError{kind, std::move(detail)});
}

std::string errno_text(int error) {
  return std::error_code(error, std::system_category()).message();
}

// Readable once the stop token fires, so that poll() wakes up for it.
class StopSignal {
 public:
  explicit StopSignal(std::stop_token stop) : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (stop.stop_possible()) {
      callback_.emplace(std::move(stop), Raise{event_.get()});
    }
  }

  [[nodiscard]] int fd() const { return callback_ ? event_.get() : -1; }

 private:
  struct Raise {
    int fd;

    void operator()() const {
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
    }
  };

  util::Fd event_;
  std::optional<std::stop_callback<Raise>> callback_;
};

struct Connection {
  util::Fd fd;
  bool reused = false;
};

// What one exchange waits with.
struct Patience {
  Deadline deadline;
  int cancel_fd = -1;
};

std::optional<TransportError> wait_or_error(int fd, short events, const Patience& patience) {
  switch (wait_for(fd, events, patience.deadline, patience.cancel_fd)) {
    case Wait::ready: return std::nullopt;
    case Wait::timeout: return TransportError{Kind::timeout, "no answer in time"};
    case Wait::cancelled: return TransportError{Kind::cancelled, "stopped by the caller"};
  }
  return std::nullopt;
}

util::Result<std::vector<SocketAddress>, TransportError> resolve(const Url& url) {
  const std::uint16_t port = url.port != 0 ? url.port : 80;
  if (url.host == "localhost") {
    return std::vector{*SocketAddress::ip("127.0.0.1", port), *SocketAddress::ip("::1", port)};
  }
  if (auto address = SocketAddress::ip(url.host, port)) {
    return std::vector{*address};
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(url.host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    return failure(Kind::resolve, url.host + ": " + ::gai_strerror(error));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> host{};
    if (::getnameinfo(
            at->ai_addr, at->ai_addrlen, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) ==
        0) {
      if (auto address = SocketAddress::ip(host.data(), port)) {
        addresses.push_back(*address);
      }
    }
  }
  ::freeaddrinfo(found);
  return addresses;
}

util::Result<util::Fd, TransportError> connect_to(const SocketAddress& address,
                                                  const Patience& patience) {
  auto fd = start_connect(address);
  if (!fd) {
    return failure(Kind::connect, address.text() + ": " + fd.error().message());
  }
  if (auto error = wait_or_error(fd->get(), POLLOUT, patience)) {
    error->detail = address.text() + ": " + error->detail;
    return util::unexpected(*error);
  }
  if (const std::error_code error = connect_error(fd->get())) {
    return failure(Kind::connect, address.text() + ": " + error.message());
  }
  return std::move(*fd);
}

std::optional<TransportError> write_all(int fd, std::string_view bytes, const Patience& patience) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (auto error = wait_or_error(fd, POLLOUT, patience)) {
        return error;
      }
    } else if (errno != EINTR) {
      return TransportError{Kind::connect, "while sending: " + errno_text(errno)};
    }
  }
  return std::nullopt;
}

// Bytes into `buffer`; 0 at the end of the stream.
util::Result<std::size_t, TransportError> read_some(int fd,
                                                    std::vector<char>& buffer,
                                                    const Patience& patience) {
  while (true) {
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno == EAGAIN) {
      if (auto error = wait_or_error(fd, POLLIN, patience)) {
        return util::unexpected(*error);
      }
    } else if (errno != EINTR) {
      return failure(Kind::connect, "while reading: " + errno_text(errno));
    }
  }
}

std::string write_request(const HttpRequest& request, const Url& url) {
  std::string out;
  out.reserve(512 + request.body.size());
  append_request_line(out, request.method, url.target);
  if (!find_header(request.headers, "host")) {
    append_header(out, "Host", url.authority());
  }
  for (const Header& header : request.headers) {
    if (!util::iequals(header.name, "content-length") &&
        !util::iequals(header.name, "transfer-encoding")) {
      append_header(out, header.name, header.value);
    }
  }
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
    append_header(out, "Content-Length", std::to_string(request.body.size()));
  }
  out += "\r\n";
  out += request.body;
  return out;
}

// One request and its answer on one connection.
class SocketExchange {
 public:
  SocketExchange(Connection& connection, Patience patience, const BodySink* sink)
      : connection_(connection),
        patience_(patience),
        sink_(sink),
        reader_(HttpReader::for_responses({.head = 256 * 1024,
                                           .headers = 500,
                                           .body = sink == nullptr ? kLargestBody : SIZE_MAX})),
        buffer_(64 * 1024) {}

  util::Result<HttpResponse, TransportError> run(const HttpRequest& request, const Url& url) {
    reader_.expect_response_to(request.method);
    if (auto error = write_all(connection_.fd.get(), write_request(request, url), patience_)) {
      // A server may answer and close before it read the whole body: look for that answer.
      if (error->kind != Kind::connect || connection_.reused) {
        return util::unexpected(*error);
      }
    }
    while (!done_) {
      auto got = read_some(connection_.fd.get(), buffer_, patience_);
      if (!got) {
        return util::unexpected(std::move(got.error()));
      }
      heard_ = heard_ || *got > 0;
      if (auto error = *got == 0 ? at_end() : take({buffer_.data(), *got})) {
        return util::unexpected(std::move(*error));
      }
    }
    return std::move(response_);
  }

  // True once any byte of the answer arrived: the request must not be repeated silently.
  [[nodiscard]] bool heard() const { return heard_; }

  [[nodiscard]] bool reusable() const { return done_ && reusable_; }

 private:
  std::optional<TransportError> at_end() {
    if (have_head_ && reader_.finish() == HttpReader::Event::end) {
      done_ = true;
      return std::nullopt;
    }
    return TransportError{have_head_ ? Kind::protocol : Kind::connect,
                          "the connection ended before the answer did"};
  }

  std::optional<TransportError> take(std::string_view input) {
    while (!done_) {
      switch (reader_.next(input)) {
        case HttpReader::Event::need_more: return std::nullopt;
        case HttpReader::Event::error:
          return TransportError{Kind::protocol,
                                "not an HTTP answer: " + std::string(reader_.error_text())};
        case HttpReader::Event::head: take_head(); break;
        case HttpReader::Event::body:
          if (!to_sink_) {
            response_.body += reader_.piece();
          } else if (!(*sink_)(reader_.piece())) {
            return TransportError{Kind::cancelled, "stopped by the caller"};
          }
          break;
        case HttpReader::Event::end: done_ = have_head_; break;
      }
    }
    reusable_ = reusable_ && input.empty();
    return std::nullopt;
  }

  void take_head() {
    HttpHead& head = reader_.head();
    if (head.status >= 100 && head.status < 200 && head.status != 101) {
      return;  // an interim answer
    }
    have_head_ = true;
    reusable_ = head.keep_alive && head.status != 101;
    response_.status = head.status;
    response_.headers = std::move(head.headers);
    to_sink_ = sink_ != nullptr && head.status >= 200 && head.status < 300;
    if (to_sink_) {
      patience_.deadline = kNever;
    }
  }

  Connection& connection_;
  Patience patience_;
  const BodySink* sink_;
  HttpReader reader_;
  std::vector<char> buffer_;
  HttpResponse response_;
  bool heard_ = false;
  bool have_head_ = false;
  bool to_sink_ = false;
  bool reusable_ = false;
  bool done_ = false;
};

bool is_still_open(int fd) {
  char byte = 0;
  return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace

struct SocketTransport::Pool {
  std::string unix_path;  // empty: TCP
  std::mutex mutex;       // guards idle
  std::map<std::string, std::vector<util::Fd>> idle;

  [[nodiscard]] std::string place(const Url& url) const {
    return unix_path.empty() ? url.authority() : unix_path;
  }

  std::optional<Connection> take(const std::string& place) {
    const std::lock_guard lock(mutex);
    std::vector<util::Fd>& fds = idle[place];
    while (!fds.empty()) {
      util::Fd fd = std::move(fds.back());
      fds.pop_back();
      if (is_still_open(fd.get())) {
        return Connection{std::move(fd), true};
      }
    }
    return std::nullopt;
  }

  void give_back(const std::string& place, util::Fd fd) {
    const std::lock_guard lock(mutex);
    std::vector<util::Fd>& fds = idle[place];
    if (fds.size() < kIdlePerPlace) {
      fds.push_back(std::move(fd));
    }
  }

  util::Result<Connection, TransportError> open(const Url& url, const Patience& patience) const {
    std::vector<SocketAddress> addresses;
    if (unix_path.empty()) {
      auto resolved = resolve(url);
      if (!resolved) {
        return util::unexpected(std::move(resolved.error()));
      }
      addresses = std::move(*resolved);
    } else if (auto address = SocketAddress::unix_path(unix_path)) {
      addresses = {*address};
    }
    TransportError error{Kind::connect, "no address for " + place(url)};
    for (const SocketAddress& address : addresses) {
      auto fd = connect_to(address, patience);
      if (fd) {
        return Connection{std::move(*fd), false};
      }
      error = std::move(fd.error());
      if (error.kind == Kind::cancelled) {
        break;
      }
    }
    return util::unexpected(std::move(error));
  }

  util::Result<HttpResponse, TransportError> exchange(const HttpRequest& request,
                                                      const BodySink* sink,
                                                      int cancel_fd) {
    const auto url = parse_url(request.url);
    if (!url || url->scheme != "http") {
      return failure(Kind::protocol, "not an http:// address: " + request.url);
    }
    const Patience patience{std::chrono::steady_clock::now() + request.timeout, cancel_fd};
    const bool repeatable = request.method == "GET" || request.method == "HEAD";
    const std::string where = place(*url);
    while (true) {
      util::Result<Connection, TransportError> connection = util::unexpected(TransportError{});
      if (auto idle_one = take(where)) {
        connection = std::move(*idle_one);
      } else {
        connection = open(*url, patience);
      }
      if (!connection) {
        return util::unexpected(std::move(connection.error()));
      }
      SocketExchange one(*connection, patience, sink);
      auto response = one.run(request, *url);
      if (one.reusable()) {
        give_back(where, std::move(connection->fd));
      }
      // The server may have closed an idle connection just as we took it.
      const bool stale =
          !response && connection->reused && !one.heard() && response.error().kind == Kind::connect;
      if (!stale || !repeatable) {
        return response;
      }
    }
  }
};

SocketTransport::SocketTransport() : pool_(std::make_unique<Pool>()) {}

SocketTransport::~SocketTransport() = default;

std::unique_ptr<SocketTransport> SocketTransport::to_unix_socket(std::string path) {
  auto transport = std::make_unique<SocketTransport>();
  transport->pool_->unix_path = std::move(path);
  return transport;
}

util::Result<HttpResponse, TransportError> SocketTransport::send(const HttpRequest& request) {
  return pool_->exchange(request, nullptr, -1);
}

util::Result<HttpResponse, TransportError> SocketTransport::stream(const HttpRequest& request,
                                                                   const BodySink& sink,
                                                                   std::stop_token stop) {
  const StopSignal signal(std::move(stop));
  return pool_->exchange(request, &sink, signal.fd());
}

}  // namespace net
