#include "local/balancer/tcp_proxy.hpp"

#include <functional>
#include <string_view>
#include <utility>

#include "net/socket.hpp"
#include "util/fd.hpp"

namespace local::balancer {

namespace {

using TimePoint = net::EventLoop::Clock::time_point;
constexpr std::size_t kBufferSize = 256 * 1024;
constexpr int kReadsInARow = 4;  // then the other connections get their turn
constexpr std::chrono::milliseconds kSweepPeriod{100};

}  // namespace

// One client and its target.
class TcpProxy::Session {
 public:
  Session(TcpProxy& proxy, std::string listener, util::Fd client)
      : proxy_(proxy), listener_(std::move(listener)), client_(*this, std::move(client)) {}

  ~Session() { leave_target(); }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // These may end with the session destroyed; nothing of it may be touched
  // afterwards.
  void start();
  void on_time(TimePoint now);
  void abort();

  [[nodiscard]] const std::string& listener() const { return listener_; }

  [[nodiscard]] bool is_retired() const { return load_ && load_->retired.load(); }

  std::size_t place = 0;

 private:
  // One of the two sockets, and the bytes that wait to be sent to it.
  struct End final : net::Watcher {
    End(Session& owner, util::Fd socket) : session(owner), stream(std::move(socket)) {}

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
        loop.remove(stream.fd(), *this);
      } else if (wanted == 0) {
        loop.add(stream.fd(), events, *this);
      } else {
        loop.change(stream.fd(), events, *this);
      }
      wanted = events;
    }

    [[nodiscard]] bool blocked() const { return sent < waiting.size(); }

    Session& session;
    Stream stream;
    std::string waiting;
    std::size_t sent = 0;
    std::uint32_t wanted = 0;
    bool ended = false;  // it will send nothing more
  };

  enum class Flow : std::uint8_t { goes_on, broken };
  enum class State : std::uint8_t { greeting_client, connecting, greeting_target, moving };

  void on_events(End& end, std::uint32_t events);
  void move(End& end, std::uint32_t events);
  void greet_client();
  void next_target();
  void fail_target();
  void on_connected();
  void greet_target();
  void start_moving();
  void leave_target();
  Flow pump(End& from, End& to);
  static Flow flush(End& end);
  static Flow end_stream(End& to);
  void update_interest();

  TcpProxy& proxy_;
  std::string listener_;
  End client_;
  std::unique_ptr<End> server_;
  State state_ = State::connecting;
  std::chrono::milliseconds idle_timeout_{0};
  std::shared_ptr<const RouteGroup> group_;
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

void TcpProxy::Session::start() {
  const Route* route = proxy_.table_->find(listener_);
  if (route == nullptr) {
    abort();
    return;
  }
  idle_timeout_ = route->idle_timeout;
  if (route->kind != ListenerKind::tls) {
    next_target();
    return;
  }
  if (route->tls == nullptr) {
    abort();
    return;
  }
  client_.stream.accept_tls(route->tls);
  state_ = State::greeting_client;
  deadline_ = proxy_.loop_.now() + proxy_.options_.handshake_timeout;
  greet_client();
}

void TcpProxy::Session::greet_client() {
  switch (client_.stream.handshake()) {
    case Stream::Status::done:
      client_.want(0);
      state_ = State::connecting;
      next_target();
      return;
    case Stream::Status::wait:
      client_.want(client_.stream.wants_write() ? EPOLLOUT : EPOLLIN);
      return;
    case Stream::Status::ended:
    case Stream::Status::broken: break;
  }
  abort();
}

void TcpProxy::Session::next_target() {
  leave_target();
  const Route* route = proxy_.table_->find(listener_);
  const Forward* forward = route == nullptr ? nullptr : route->forward();
  if (forward == nullptr) {
    abort();
    return;
  }
  group_ = choose_group(*forward, forward->turn.fetch_add(1, std::memory_order_relaxed));
  while (group_ != nullptr) {
    const std::size_t hash =
        group_->sticky.kind == Stickiness::Kind::source_ip
            ? std::hash<std::string>{}(net::SocketAddress::peer_of(client_.stream.fd()).host())
            : 0;
    const std::uint64_t turn = group_->turn.fetch_add(1, std::memory_order_relaxed);
    const RouteTarget* target = choose_target(*group_, proxy_.loop_.now(), turn, hash, tried_);
    if (target == nullptr) {
      break;
    }
    tried_.push_back(target->load.get());
    auto fd = net::start_connect(target->address);
    if (!fd) {
      proxy_.report_failure(group_->id, target->name, *target->load);
      continue;
    }
    target_ = target->name;
    load_ = target->load;
    load_->connections.fetch_add(1, std::memory_order_relaxed);
    server_ = std::make_unique<End>(*this, std::move(*fd));
    server_->want(EPOLLOUT);
    state_ = State::connecting;
    const bool last = tried_.size() >= group_->targets.size();
    deadline_ = proxy_.loop_.now() +
                (last ? proxy_.options_.last_connect_timeout : proxy_.options_.connect_timeout);
    return;
  }
  abort();
}

void TcpProxy::Session::fail_target() {
  proxy_.report_failure(group_->id, target_, *load_);
  next_target();
}

void TcpProxy::Session::on_connected() {
  if (!group_->tls) {
    start_moving();
    return;
  }
  server_->stream.connect_tls(proxy_.table_->to_targets);
  state_ = State::greeting_target;
  deadline_ = proxy_.loop_.now() + proxy_.options_.handshake_timeout;
  greet_target();
}

void TcpProxy::Session::greet_target() {
  switch (server_->stream.handshake()) {
    case Stream::Status::done: start_moving(); return;
    case Stream::Status::wait:
      server_->want(server_->stream.wants_write() ? EPOLLOUT : EPOLLIN);
      return;
    case Stream::Status::ended:
    case Stream::Status::broken: break;
  }
  fail_target();
}

void TcpProxy::Session::start_moving() {
  state_ = State::moving;
  deadline_ = proxy_.loop_.now() + idle_timeout_;
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
  if (state_ == State::connecting || state_ == State::greeting_target) {
    fail_target();
  } else {
    abort();
  }
}

void TcpProxy::Session::abort() {
  client_.stream.reset_on_close();
  if (server_) {
    server_->stream.reset_on_close();
  }
  proxy_.sessions_.destroy(*this);
}

// --- session: moving bytes
// ------------------------------------------------------------------------------------------

void TcpProxy::Session::on_events(End& end, std::uint32_t events) {
  switch (state_) {
    case State::greeting_client: greet_client(); return;
    case State::greeting_target: greet_target(); return;
    case State::connecting:
      if (net::connect_error(end.stream.fd())) {
        fail_target();
      } else {
        on_connected();
      }
      return;
    case State::moving: move(end, events); return;
  }
}

void TcpProxy::Session::move(End& end, std::uint32_t events) {
  deadline_ = proxy_.loop_.now() + idle_timeout_;
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
    proxy_.sessions_.destroy(*this);
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
    const Stream::Moved got = from.stream.read(proxy_.buffer_.data(), proxy_.buffer_.size());
    switch (got.status) {
      case Stream::Status::done: break;
      case Stream::Status::wait: return Flow::goes_on;
      case Stream::Status::ended: from.ended = true; return end_stream(to);
      case Stream::Status::broken: return Flow::broken;
    }
    const Stream::Moved sent = to.stream.write({proxy_.buffer_.data(), got.size});
    if (sent.status == Stream::Status::broken) {
      return Flow::broken;
    }
    if (sent.size < got.size) {
      to.waiting.assign(proxy_.buffer_.data() + sent.size, got.size - sent.size);
      to.sent = 0;
      return Flow::goes_on;
    }
    if (got.size < proxy_.buffer_.size() && !from.stream.is_tls()) {
      return Flow::goes_on;  // the socket is empty: a further read would only
                             // say so
    }
  }
  return Flow::goes_on;
}

TcpProxy::Session::Flow TcpProxy::Session::flush(End& end) {
  while (end.blocked()) {
    const Stream::Moved sent = end.stream.write(std::string_view(end.waiting).substr(end.sent));
    if (sent.status == Stream::Status::broken) {
      return Flow::broken;
    }
    if (sent.size == 0) {
      return Flow::goes_on;
    }
    end.sent += sent.size;
  }
  end.waiting = {};
  end.sent = 0;
  return Flow::goes_on;
}

TcpProxy::Session::Flow TcpProxy::Session::end_stream(End& to) {
  if (!to.blocked()) {
    to.stream.end_writing();
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
  listeners_.emplace(listener, std::make_unique<Acceptor>(loop_, *this, listener, fd));
}

void TcpProxy::close(const std::string& listener) {
  listeners_.erase(listener);
  close_sessions([&](const Session& session) { return session.listener() == listener; });
}

void TcpProxy::set_table(std::shared_ptr<const RoutingTable> table) {
  table_ = std::move(table);
  close_sessions([](const Session& session) { return session.is_retired(); });
}

bool TcpProxy::has_room() const {
  return sessions_.size() < options_.connections;
}

void TcpProxy::out_of_descriptors() {
  keep_sweeping();
}

void TcpProxy::take_over(const std::string& listener, util::Fd client) {
  Session& session = sessions_.add(std::make_unique<Session>(*this, listener, std::move(client)));
  keep_sweeping();
  session.start();
}

void TcpProxy::close_sessions(const std::function<bool(const Session&)>& which) {
  sessions_.for_each([&](Session& session) {
    if (which(session)) {
      session.abort();
    }
  });
}

void TcpProxy::report_failure(const std::string& group,
                              const TargetAddress& target,
                              TargetLoad& load) {
  load.avoid_until.store(loop_.now() + options_.avoid_time);
  on_failure_(group, target);
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
  sessions_.for_each([&](Session& session) { session.on_time(now); });
  for (const auto& [id, acceptor] : listeners_) {
    acceptor->listen(has_room());
  }
  sweep_timer_ = 0;
  if (sessions_.size() > 0) {
    keep_sweeping();
  }
}

}  // namespace local::balancer
