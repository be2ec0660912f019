#include "local/balancer/tcp_proxy.hpp"

#include <cerrno>
#include <functional>
#include <string_view>
#include <utility>

#include <sys/socket.h>

#include "net/socket.hpp"
#include "util/fd.hpp"

namespace local::balancer {

namespace {

using TimePoint = net::EventLoop::Clock::time_point;
constexpr std::size_t kBufferSize = 256 * 1024;
constexpr int kReadsInARow = 4;  // then the other connections get their turn
constexpr int kAcceptsInARow = 64;
constexpr std::chrono::milliseconds kSweepPeriod{100};

// The next close() sends a reset: the peer must not take what it got for the
// whole.
void reset_on_close(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

class TcpProxy::Listener final : public net::Watcher {
 public:
  Listener(TcpProxy& proxy, std::string id, int fd) : proxy_(proxy), id_(std::move(id)), fd_(fd) {
    listen(true);
  }

  ~Listener() override { listen(false); }

  void listen(bool on) {
    if (on == listening_) {
      return;
    }
    listening_ = on;
    if (on) {
      proxy_.loop_.add(fd_, EPOLLIN | EPOLLEXCLUSIVE, *this);
    } else {
      proxy_.loop_.remove(fd_, *this);
    }
  }

  void on_events(std::uint32_t /*events*/) override {
    for (int i = 0; i < kAcceptsInARow; ++i) {
      if (proxy_.sessions_.size() >= proxy_.options_.connections) {
        listen(false);
        return;
      }
      std::error_code error;
      util::Fd client = net::accept_connection(fd_, error);
      if (!client) {
        if (error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOMEM) {
          listen(false);
          proxy_.keep_sweeping();
        }
        return;
      }
      proxy_.take_over(*this, client.release());
    }
  }

  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  TcpProxy& proxy_;
  std::string id_;
  int fd_;
  bool listening_ = false;
};

// One client and its target.
class TcpProxy::Session {
 public:
  Session(TcpProxy& proxy, const Listener& listener, util::Fd client, std::size_t index)
      : place(index), proxy_(proxy), listener_(listener.id()), client_(*this, std::move(client)) {}

  ~Session() { leave_target(); }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // These may end with the session destroyed; nothing of it may be touched
  // afterwards.
  void next_target();
  void on_time(TimePoint now);
  void abort();

  [[nodiscard]] const std::string& listener() const { return listener_; }

  [[nodiscard]] bool is_retired() const { return load_ && load_->retired.load(); }

  std::size_t place;  // in the proxy's list

 private:
  // One of the two sockets, and the bytes that wait to be sent to it.
  struct End final : net::Watcher {
    End(Session& owner, util::Fd socket) : session(owner), fd(std::move(socket)) {}

    ~End() override { want(0); }

    void on_events(std::uint32_t events) override { session.on_events(*this, events); }

    void want(std::uint32_t events) {
      if (events == wanted) {
        return;
      }
      net::EventLoop& loop = session.proxy_.loop_;
      // Nothing wanted means not watched at all: a hang-up would be reported
      // again and again.
      if (events == 0) {
        loop.remove(fd.get(), *this);
      } else if (wanted == 0) {
        loop.add(fd.get(), events, *this);
      } else {
        loop.change(fd.get(), events, *this);
      }
      wanted = events;
    }

    [[nodiscard]] bool blocked() const { return sent < waiting.size(); }

    Session& session;
    util::Fd fd;
    std::string waiting;
    std::size_t sent = 0;
    std::uint32_t wanted = 0;
    bool ended = false;  // it will send nothing more
  };

  enum class Flow : std::uint8_t { goes_on, broken };

  void on_events(End& end, std::uint32_t events);
  void on_connected();
  void leave_target();
  Flow pump(End& from, End& to);
  static Flow flush(End& end);
  static Flow end_stream(End& to);
  void update_interest();

  TcpProxy& proxy_;
  std::string listener_;
  End client_;
  std::unique_ptr<End> server_;
  bool connected_ = false;
  std::string group_;
  TargetAddress target_;
  std::shared_ptr<TargetLoad> load_;
  std::vector<const TargetLoad*> tried_;
  TimePoint deadline_;
};

// --- session: finding a target
// --------------------------------------------------------------------------------------

void TcpProxy::Session::leave_target() {
  server_.reset();
  if (load_) {
    load_->connections.fetch_sub(1, std::memory_order_relaxed);
    load_.reset();
  }
}

void TcpProxy::Session::next_target() {
  leave_target();
  const auto route = proxy_.table_->listeners.find(listener_);
  if (route == proxy_.table_->listeners.end()) {
    abort();
    return;
  }
  const std::uint64_t turn = proxy_.turn_++;
  const RouteGroup* group = choose_group(route->second, turn);
  while (group != nullptr) {
    const std::size_t hash =
        group->sticky_by_source
            ? std::hash<std::string>{}(net::SocketAddress::peer_of(client_.fd.get()).host())
            : 0;
    const RouteTarget* target = choose_target(*group, proxy_.loop_.now(), turn, hash, tried_);
    if (target == nullptr) {
      break;
    }
    tried_.push_back(target->load.get());
    auto fd = net::start_connect(target->address);
    if (!fd) {
      proxy_.report_failure(group->id, target->name, *target->load);
      continue;
    }
    group_ = group->id;
    target_ = target->name;
    load_ = target->load;
    load_->connections.fetch_add(1, std::memory_order_relaxed);
    server_ = std::make_unique<End>(*this, std::move(*fd));
    server_->want(EPOLLOUT);
    const bool last = tried_.size() >= group->targets.size();
    deadline_ = proxy_.loop_.now() +
                (last ? proxy_.options_.last_connect_timeout : proxy_.options_.connect_timeout);
    return;
  }
  abort();
}

void TcpProxy::Session::on_connected() {
  connected_ = true;
  deadline_ = proxy_.loop_.now() + proxy_.options_.idle_timeout;
  // Most clients speak first and have done so by now.
  if (pump(client_, *server_) == Flow::broken) {
    abort();
    return;
  }
  update_interest();
}

void TcpProxy::Session::on_time(TimePoint now) {
  if (now < deadline_) {
    return;
  }
  if (connected_) {
    abort();
  } else {
    proxy_.report_failure(group_, target_, *load_);
    next_target();
  }
}

void TcpProxy::Session::abort() {
  reset_on_close(client_.fd.get());
  if (server_) {
    reset_on_close(server_->fd.get());
  }
  proxy_.destroy(*this);
}

// --- session: moving bytes
// ------------------------------------------------------------------------------------------

void TcpProxy::Session::on_events(End& end, std::uint32_t events) {
  if (!connected_) {
    if (net::connect_error(end.fd.get())) {
      proxy_.report_failure(group_, target_, *load_);
      next_target();
    } else {
      on_connected();
    }
    return;
  }
  deadline_ = proxy_.loop_.now() + proxy_.options_.idle_timeout;
  End& other = &end == &client_ ? *server_ : client_;
  Flow flow = Flow::goes_on;
  if ((events & EPOLLOUT) != 0 && end.blocked()) {
    flow = flush(end);
    if (flow == Flow::goes_on && !end.blocked()) {
      flow = other.ended ? end_stream(end) : pump(other, end);
    }
  }
  const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
  if (flow == Flow::goes_on && readable && !end.ended && !other.blocked()) {
    flow = pump(end, other);
  }
  if (flow == Flow::broken) {
    abort();
    return;
  }
  if (client_.ended && server_->ended && !client_.blocked() && !server_->blocked()) {
    proxy_.destroy(*this);
    return;
  }
  update_interest();
}

void TcpProxy::Session::update_interest() {
  const auto interest = [](const End& end, const End& other) {
    const std::uint32_t in = !end.ended && !other.blocked() ? EPOLLIN : 0U;
    return in | (end.blocked() ? EPOLLOUT : 0U);
  };
  client_.want(interest(client_, *server_));
  server_->want(interest(*server_, client_));
}

TcpProxy::Session::Flow TcpProxy::Session::pump(End& from, End& to) {
  for (int i = 0; i < kReadsInARow; ++i) {
    const ssize_t got = ::recv(from.fd.get(), proxy_.buffer_.data(), proxy_.buffer_.size(), 0);
    if (got == 0) {
      from.ended = true;
      return end_stream(to);
    }
    if (got < 0) {
      return errno == EAGAIN || errno == EINTR ? Flow::goes_on : Flow::broken;
    }
    const auto size = static_cast<std::size_t>(got);
    const ssize_t sent = ::send(to.fd.get(), proxy_.buffer_.data(), size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      return Flow::broken;
    }
    const std::size_t done = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (done < size) {
      to.waiting.assign(proxy_.buffer_.data() + done, size - done);
      to.sent = 0;
      return Flow::goes_on;
    }
    if (size < proxy_.buffer_.size()) {
      return Flow::goes_on;  // the socket is empty: a further read would only
                             // say so
    }
  }
  return Flow::goes_on;
}

TcpProxy::Session::Flow TcpProxy::Session::flush(End& end) {
  while (end.blocked()) {
    const ssize_t sent = ::send(
        end.fd.get(), end.waiting.data() + end.sent, end.waiting.size() - end.sent, MSG_NOSIGNAL);
    if (sent < 0) {
      return errno == EAGAIN || errno == EINTR ? Flow::goes_on : Flow::broken;
    }
    end.sent += static_cast<std::size_t>(sent);
  }
  end.waiting = {};
  end.sent = 0;
  return Flow::goes_on;
}

TcpProxy::Session::Flow TcpProxy::Session::end_stream(End& to) {
  if (!to.blocked()) {
    ::shutdown(to.fd.get(), SHUT_WR);
  }
  return Flow::goes_on;
}

// --- proxy
// ----------------------------------------------------------------------------------------------------------

TcpProxy::TcpProxy(net::EventLoop& loop, OnFailure on_failure, TcpProxyOptions options)
    : loop_(loop), on_failure_(std::move(on_failure)), options_(options), buffer_(kBufferSize) {}

TcpProxy::~TcpProxy() {
  loop_.cancel(sweep_timer_);
  sessions_.clear();
}

void TcpProxy::open(const std::string& listener, int fd) {
  listeners_.emplace(listener, std::make_unique<Listener>(*this, listener, fd));
}

void TcpProxy::close(const std::string& listener) {
  listeners_.erase(listener);
  close_sessions([&](const Session& session) { return session.listener() == listener; });
}

void TcpProxy::set_table(std::shared_ptr<const RoutingTable> table) {
  table_ = std::move(table);
  close_sessions([](const Session& session) { return session.is_retired(); });
}

void TcpProxy::take_over(Listener& listener, int fd) {
  sessions_.push_back(std::make_unique<Session>(*this, listener, util::Fd(fd), sessions_.size()));
  keep_sweeping();
  sessions_.back()->next_target();
}

void TcpProxy::destroy(Session& session) {
  const std::size_t place = session.place;
  std::swap(sessions_[place], sessions_.back());
  sessions_[place]->place = place;
  sessions_.pop_back();
}

void TcpProxy::close_sessions(const std::function<bool(const Session&)>& which) {
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (which(*sessions_[i])) {
      sessions_[i]->abort();
    }
  }
}

void TcpProxy::report_failure(const std::string& group,
                              const TargetAddress& target,
                              TargetLoad& load) {
  load.avoid_until.store(loop_.now() + options_.avoid_time);
  on_failure_(group, target);
}

void TcpProxy::listen_again() {
  for (const auto& [id, listener] : listeners_) {
    listener->listen(sessions_.size() < options_.connections);
  }
}

void TcpProxy::keep_sweeping() {
  if (sweep_timer_ == 0) {
    sweep_timer_ = loop_.after(kSweepPeriod, [this] { sweep(); });
  }
}

// Runs only while there are connections (or listeners that wait for
// descriptors), so that an idle engine sleeps.
void TcpProxy::sweep() {
  const TimePoint now = loop_.now();
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    sessions_[i]->on_time(now);
  }
  listen_again();
  sweep_timer_ = 0;
  if (!sessions_.empty()) {
    keep_sweeping();
  }
}

}  // namespace local::balancer
