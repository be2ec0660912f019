#include "net/http_server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "net/socket.hpp"

namespace net {

namespace {

using TimePoint = EventLoop::Clock::time_point;
constexpr std::size_t kReadSize = 64 * 1024;

}  // namespace

class HttpServer::Core final : public Watcher, public std::enable_shared_from_this<Core> {
 public:
  Core(EventLoop& loop, util::Fd listener, Handler handler, HttpServerOptions options);
  ~Core() override;
  void start();
  void on_events(std::uint32_t events) override;

  void answer(std::uint64_t connection, HttpResponse response);
  void close(std::uint64_t connection);

  EventLoop& loop_;
  Handler handler_;
  HttpServerOptions options_;
  std::vector<char> buffer_ =
      std::vector<char>(kReadSize);  // shared by the connections, one at a time

 private:
  void listen(bool on);
  void sweep();

  util::Fd listener_;
  bool listening_ = false;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t last_id_ = 0;
  EventLoop::TimerId sweep_timer_ = 0;
};

class HttpServer::Connection final : public Watcher {
 public:
  Connection(Core& core, std::uint64_t id, util::Fd fd)
      : core_(core),
        id_(id),
        fd_(std::move(fd)),
        reader_(HttpReader::for_requests(core.options_.limits)) {
    core_.loop_.add(fd_.get(), wanted_, *this);
    set_deadline(core_.options_.idle_timeout);
  }

  ~Connection() override { core_.loop_.remove(fd_.get(), *this); }

  // Each of these three may end with the connection closed and this object gone.
  void on_events(std::uint32_t events) override;
  void answer(HttpResponse response);
  void on_deadline();

  [[nodiscard]] TimePoint deadline() const { return deadline_; }

 private:
  enum class Phase : std::uint8_t { reading, handling, writing, lingering };
  enum class Life : std::uint8_t { goes_on, over };

  Life on_input();
  Life parse(std::string_view input);
  Life begin_writing(std::string text, bool then_close);
  Life write_out();
  void refuse(int status, std::string_view text);
  void hand_over();
  void want(std::uint32_t events);

  void set_deadline(std::chrono::milliseconds from_now) {
    deadline_ = EventLoop::Clock::now() + from_now;
  }

  void end_if(Life life) {
    if (life == Life::over) {
      core_.close(id_);
    }
  }

  Core& core_;
  std::uint64_t id_;
  util::Fd fd_;
  HttpReader reader_;
  Phase phase_ = Phase::reading;
  HttpRequest request_;
  bool keep_alive_ = false;
  bool to_head_ = false;
  std::string unread_;  // bytes of later requests, while one is being handled
  std::string output_;
  std::size_t written_ = 0;
  bool close_after_ = false;
  std::uint32_t wanted_ = EPOLLIN;
  TimePoint deadline_;
};

// --- connection
// -----------------------------------------------------------------------------------------------------

void HttpServer::Connection::want(std::uint32_t events) {
  if (events != wanted_) {
    wanted_ = events;
    core_.loop_.change(fd_.get(), events, *this);
  }
}

void HttpServer::Connection::on_events(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0) {
    core_.close(id_);
    return;
  }
  Life life = Life::goes_on;
  if ((events & EPOLLOUT) != 0) {
    life = write_out();
  }
  if (life == Life::goes_on && (events & EPOLLIN) != 0) {
    life = on_input();
  }
  end_if(life);
}

HttpServer::Connection::Life HttpServer::Connection::on_input() {
  const ssize_t got = ::recv(fd_.get(), core_.buffer_.data(), core_.buffer_.size(), 0);
  if (got < 0) {
    return errno == EAGAIN || errno == EINTR ? Life::goes_on : Life::over;
  }
  if (got == 0) {
    return Life::over;
  }
  if (phase_ == Phase::lingering) {
    return Life::goes_on;
  }
  if (reader_.idle()) {
    set_deadline(core_.options_.request_timeout);
  }
  return parse({core_.buffer_.data(), static_cast<std::size_t>(got)});
}

HttpServer::Connection::Life HttpServer::Connection::parse(std::string_view input) {
  while (phase_ == Phase::reading) {
    switch (reader_.next(input)) {
      case HttpReader::Event::need_more: return Life::goes_on;
      case HttpReader::Event::error:
        refuse(reader_.error_status(), reader_.error_text());
        return write_out();
      case HttpReader::Event::head:
        if (reader_.head().expects_continue && reader_.head().framing != Framing::none) {
          // The kernel's buffer is empty here: every earlier answer is out before the next request
          // is read.
          constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
          [[maybe_unused]] const auto sent =
              ::send(fd_.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
        }
        break;
      case HttpReader::Event::body: request_.body += reader_.piece(); break;
      case HttpReader::Event::end:
        unread_ = input;
        hand_over();
        break;
    }
  }
  return Life::goes_on;
}

void HttpServer::Connection::hand_over() {
  HttpHead& head = reader_.head();
  keep_alive_ = head.keep_alive && head.minor_version >= 1;
  to_head_ = head.method == "HEAD";
  request_.method = std::move(head.method);
  request_.url = std::move(head.target);
  request_.headers = std::move(head.headers);
  phase_ = Phase::handling;
  deadline_ = TimePoint::max();
  want(0);
  Reply reply =
      [&loop = core_.loop_, core = core_.weak_from_this(), id = id_](HttpResponse response) {
        loop.post([core, id, response = std::move(response)]() mutable {
          if (const auto alive = core.lock()) {
            alive->answer(id, std::move(response));
          }
        });
      };
  core_.handler_(std::exchange(request_, {}), std::move(reply));
}

void HttpServer::Connection::answer(HttpResponse response) {
  if (phase_ == Phase::handling) {
    end_if(begin_writing(write_response(response, keep_alive_, to_head_), !keep_alive_));
  }
}

void HttpServer::Connection::refuse(int status, std::string_view text) {
  const HttpResponse response{status, {{"Content-Type", "text/plain"}}, std::string(text) + "\n"};
  phase_ = Phase::writing;
  output_ = write_response(response, false);
  written_ = 0;
  close_after_ = true;
}

HttpServer::Connection::Life HttpServer::Connection::begin_writing(std::string text,
                                                                   bool then_close) {
  phase_ = Phase::writing;
  output_ = std::move(text);
  written_ = 0;
  close_after_ = then_close;
  return write_out();
}

HttpServer::Connection::Life HttpServer::Connection::write_out() {
  if (phase_ != Phase::writing) {
    return Life::goes_on;
  }
  while (written_ < output_.size()) {
    const ssize_t sent =
        ::send(fd_.get(), output_.data() + written_, output_.size() - written_, MSG_NOSIGNAL);
    if (sent >= 0) {
      written_ += static_cast<std::size_t>(sent);
      set_deadline(core_.options_.write_timeout);
    } else if (errno == EAGAIN) {
      want(EPOLLOUT);
      return Life::goes_on;
    } else if (errno != EINTR) {
      return Life::over;
    }
  }
  output_.clear();
  want(EPOLLIN);
  if (close_after_) {
    // Closing with unread input would make the kernel reset the connection and lose the answer:
    // read it to its end.
    ::shutdown(fd_.get(), SHUT_WR);
    phase_ = Phase::lingering;
    set_deadline(std::chrono::seconds{1});
    return Life::goes_on;
  }
  phase_ = Phase::reading;
  const std::string input = std::exchange(unread_, {});
  set_deadline(input.empty() ? core_.options_.idle_timeout : core_.options_.request_timeout);
  return parse(input);
}

void HttpServer::Connection::on_deadline() {
  if (phase_ == Phase::reading && !reader_.idle()) {
    refuse(408, "the request did not arrive in time");
    end_if(write_out());
  } else {
    core_.close(id_);
  }
}

// --- core
// -----------------------------------------------------------------------------------------------------------

HttpServer::Core::Core(EventLoop& loop,
                       util::Fd listener,
                       Handler handler,
                       HttpServerOptions options)
    : loop_(loop),
      handler_(std::move(handler)),
      options_(options),
      listener_(std::move(listener)) {}

HttpServer::Core::~Core() {
  loop_.cancel(sweep_timer_);
  listen(false);
}

void HttpServer::Core::start() {
  listen(true);
  sweep();
}

void HttpServer::Core::listen(bool on) {
  if (on != listening_) {
    listening_ = on;
    if (on) {
      loop_.add(listener_.get(), EPOLLIN, *this);
    } else {
      loop_.remove(listener_.get(), *this);
    }
  }
}

void HttpServer::Core::on_events(std::uint32_t /*events*/) {
  while (true) {
    if (connections_.size() >= options_.connections) {
      listen(false);
      return;
    }
    std::error_code error;
    util::Fd fd = accept_connection(listener_.get(), error);
    if (!fd) {
      if (error.value() == EMFILE || error.value() == ENFILE) {
        listen(false);  // the sweep turns it on again
      }
      return;
    }
    const std::uint64_t id = ++last_id_;
    connections_.emplace(id, std::make_unique<Connection>(*this, id, std::move(fd)));
  }
}

void HttpServer::Core::answer(std::uint64_t connection, HttpResponse response) {
  const auto at = connections_.find(connection);
  if (at != connections_.end()) {
    at->second->answer(std::move(response));
  }
}

void HttpServer::Core::close(std::uint64_t connection) {
  connections_.erase(connection);
  listen(true);
}

void HttpServer::Core::sweep() {
  const TimePoint now = EventLoop::Clock::now();
  std::vector<Connection*> late;
  for (const auto& [id, connection] : connections_) {
    if (connection->deadline() <= now) {
      late.push_back(connection.get());
    }
  }
  for (Connection* connection : late) {
    connection->on_deadline();
  }
  listen(connections_.size() < options_.connections);
  const auto shortest =
      std::min({options_.request_timeout, options_.idle_timeout, options_.write_timeout});
  const auto period =
      std::clamp(shortest / 4, std::chrono::milliseconds{5}, std::chrono::milliseconds{1000});
  sweep_timer_ = loop_.after(period, [this] { sweep(); });
}

// --- server
// ---------------------------------------------------------------------------------------------------------

HttpServer::HttpServer(EventLoop& loop,
                       util::Fd listener,
                       Handler handler,
                       HttpServerOptions options)
    : core_(std::make_shared<Core>(loop, std::move(listener), std::move(handler), options)) {
  core_->start();
}

HttpServer::~HttpServer() = default;

}  // namespace net
