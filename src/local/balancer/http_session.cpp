#include "local/balancer/http_session.hpp"

#include <algorithm>
#include <utility>

namespace local::balancer {

namespace {

constexpr std::size_t kHigh = 256 * 1024;   // waiting for one end: the other is not read
constexpr std::size_t kReplay = 64 * 1024;  // of a request are kept to send it again
constexpr int kHttpReadsInARow = 4;         // then the other connections get their turn
constexpr std::chrono::milliseconds kLinger{2'000};

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

HttpProxy::Session::Session(HttpProxy& proxy, std::string listener, util::Fd client)
    : Watched(proxy.loop_, std::move(client)),
      proxy_(proxy),
      listener_(std::move(listener)),
      reader_(net::HttpReader::for_requests(proxy.options_.limits)),
      accepted_(proxy.loop_.now()) {}

HttpProxy::Session::~Session() = default;

// --- the client's connection
// ----------------------------------------------------------------------------------------

void HttpProxy::Session::start() {
  const Route* route = proxy_.table_->find(listener_);
  if (route == nullptr || (route->kind == ListenerKind::https && route->tls == nullptr)) {
    abort();
    return;
  }
  const auto peer = net::SocketAddress::peer_of(stream_.fd());
  side_.address = peer.host();
  side_.port = peer.port();
  side_.listener_port = route->port;
  settings_ = route->http;
  if (route->kind == ListenerKind::https) {
    side_.tls = true;
    stream_.accept_tls(route->tls);
    state_ = State::greeting;
    deadline_ = loop_.now() + proxy_.options_.handshake_timeout;
    greet();
    return;
  }
  extend_deadline();
  update_interest();
}

void HttpProxy::Session::greet() {
  switch (stream_.handshake()) {
    case Stream::Status::done:
      side_.tls_version = stream_.tls_version();
      side_.tls_cipher = stream_.tls_cipher();
      state_ = State::requesting;
      extend_deadline();
      update_interest();
      return;
    case Stream::Status::wait: want(stream_.wants_write() ? EPOLLOUT : EPOLLIN); return;
    case Stream::Status::ended:
    case Stream::Status::broken: break;
  }
  abort();
}

void HttpProxy::Session::extend_deadline() {
  deadline_ = loop_.now() + settings_.idle_timeout;
}

void HttpProxy::Session::abort() {
  if (state_ != State::leaving) {
    stream_.reset_on_close();
  }
  proxy_.sessions_.destroy(*this);
}

bool HttpProxy::Session::serves_retired_target() const {
  return upstream_ != nullptr && upstream_->load().retired.load();
}

void HttpProxy::Session::on_events(std::uint32_t events) {
  if (state_ == State::greeting) {
    greet();
    return;
  }
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    abort();
    return;
  }
  if ((events & EPOLLOUT) != 0 && flush() == Next::gone) {
    return;
  }
  if ((events & EPOLLIN) != 0 && read_client() == Next::gone) {
    return;
  }
  settle();
}

// After whatever has happened: what was read goes on, what was written goes out.
void HttpProxy::Session::settle() {
  if (!in_.empty() && wants_input()) {
    const std::string pending = std::exchange(in_, {});
    if (take_input(pending) == Next::gone) {
      return;
    }
  }
  if (flush() == Next::gone) {
    return;
  }
  update_interest();
}

bool HttpProxy::Session::wants_input() const {
  switch (state_) {
    case State::requesting: return out_.size() < kHigh;
    case State::exchanging:
      return !exchange_.request_done && (upstream_ == nullptr || upstream_->out.size() < kHigh);
    case State::tunnelling: return upstream_->out.size() < kHigh;
    case State::greeting:
    case State::leaving: break;
  }
  return true;
}

void HttpProxy::Session::update_interest() {
  const bool in = !client_ended_ && in_.empty() && wants_input();
  want((in ? EPOLLIN : 0U) | (out_.empty() ? 0U : EPOLLOUT));
  if (upstream_ != nullptr) {
    upstream_->set_reading(out_.size() < kHigh);
  }
}

HttpProxy::Session::Next HttpProxy::Session::read_client() {
  for (int i = 0; i < kHttpReadsInARow && !client_ended_ && in_.empty() && wants_input(); ++i) {
    const Stream::Moved got = stream_.read(proxy_.buffer_.data(), proxy_.buffer_.size());
    if (got.status == Stream::Status::wait) {
      return Next::go_on;
    }
    if (got.status == Stream::Status::broken) {
      abort();
      return Next::gone;
    }
    if (got.status == Stream::Status::ended) {
      client_ended_ = true;
      return on_client_end();
    }
    if (state_ != State::leaving) {
      extend_deadline();
    }
    const std::string_view bytes(proxy_.buffer_.data(), got.size);
    const Next next = state_ == State::tunnelling ? to_target(bytes) : take_input(bytes);
    if (next == Next::gone) {
      return Next::gone;
    }
    if (got.size < proxy_.buffer_.size() && !stream_.is_tls()) {
      return Next::go_on;  // the socket is empty
    }
  }
  return Next::go_on;
}

// It sends nothing more, but may well be reading.
HttpProxy::Session::Next HttpProxy::Session::on_client_end() {
  switch (state_) {
    case State::exchanging:
      if (exchange_.request_done) {
        exchange_.keep_alive = false;
        return Next::go_on;
      }
      break;
    case State::tunnelling: return to_target({});
    case State::requesting:
      if (!out_.empty()) {
        return leave();
      }
      break;
    case State::leaving:
      if (!out_.empty()) {
        return Next::go_on;
      }
      break;
    case State::greeting: break;
  }
  proxy_.sessions_.destroy(*this);
  return Next::gone;
}

HttpProxy::Session::Next HttpProxy::Session::flush() {
  while (!out_.empty()) {
    const Stream::Moved sent = stream_.write(out_.rest());
    if (sent.status == Stream::Status::broken) {
      abort();
      return Next::gone;
    }
    if (sent.size == 0) {
      return Next::go_on;
    }
    out_.take(sent.size);
    extend_deadline();
  }
  out_.clear();
  if (state_ == State::leaving && !said_goodbye_) {
    said_goodbye_ = true;
    deadline_ = loop_.now() + kLinger;
    stream_.end_writing();
  } else if (state_ == State::tunnelling && target_ended_ && !said_goodbye_) {
    said_goodbye_ = true;
    stream_.end_writing();
  }
  if (said_goodbye_ && client_ended_) {
    proxy_.sessions_.destroy(*this);
    return Next::gone;
  }
  return Next::go_on;
}

// What was answered still goes out, then the connection ends. Closing at once would reset it when
// the client has sent more, and the answer might be lost.
HttpProxy::Session::Next HttpProxy::Session::leave() {
  upstream_.reset();
  in_.clear();
  state_ = State::leaving;
  extend_deadline();
  return flush();
}

void HttpProxy::Session::on_time(net::EventLoop::Clock::time_point now) {
  if (upstream_ != nullptr && !upstream_->connected && now >= upstream_->deadline) {
    upstream_->report_failure();
    upstream_failed(504);
    return;
  }
  if (now < deadline_) {
    return;
  }
  const bool unanswered = state_ == State::exchanging && !exchange_.answering;
  if (state_ == State::requesting && reader_.idle()) {
    if (leave() != Next::gone) {
      update_interest();
    }
  } else if (state_ == State::requesting || unanswered) {
    const bool target_is_late = unanswered && exchange_.request_done;
    exchange_.keep_alive = false;
    if (answer(error_answer(target_is_late ? 504 : 408)) != Next::gone) {
      settle();
    }
  } else {
    abort();
  }
}

// --- requests
// --------------------------------------------------------------------------------------------------------

HttpProxy::Session::Next HttpProxy::Session::take_input(std::string_view input) {
  using Event = net::HttpReader::Event;
  if (state_ == State::leaving) {
    return Next::go_on;
  }
  while (wants_input()) {
    Next next = Next::go_on;
    switch (reader_.next(input)) {
      case Event::need_more: return Next::go_on;
      case Event::head: next = on_head(); break;
      case Event::body: next = on_body(reader_.piece()); break;
      case Event::end: next = on_request_end(); break;
      case Event::error: {
        // Its size is a bad request like any other to AWS's load balancers.
        const int status = reader_.error_status();
        exchange_.keep_alive = false;
        next = exchange_.answering ? leave() : answer(error_answer(status == 431 ? 400 : status));
        break;
      }
    }
    if (next == Next::gone || state_ == State::leaving) {
      return next;
    }
  }
  in_ = input;
  return Next::go_on;
}

HttpProxy::Session::Next HttpProxy::Session::on_head() {
  const net::HttpHead& head = reader_.head();
  exchange_ = {};
  exchange_.table = proxy_.table_;
  exchange_.method = head.method;
  exchange_.minor_version = head.minor_version;
  exchange_.chunked = head.framing == net::Framing::chunked;
  exchange_.has_body = head.framing != net::Framing::none;
  exchange_.keep_alive = head.keep_alive && loop_.now() - accepted_ < settings_.client_keep_alive;
  exchange_.repeatable = is_safe(head.method);
  state_ = State::exchanging;
  const Route* route = exchange_.table->find(listener_);
  if (route == nullptr) {
    return answer(error_answer(503));
  }
  settings_ = route->http;
  const auto facts = facts_of(head, side_.address);
  if (!facts) {
    return answer(error_answer(400));
  }
  if (head.method == "TRACE") {
    return answer(error_answer(405));
  }
  if (has_too_long_forwarded_for(head)) {
    return answer(error_answer(463));
  }
  for (const RouteRule& rule : route->rules) {
    if (all_hold(rule.conditions, *facts)) {
      return act(rule, *facts);
    }
  }
  return answer(error_answer(503));
}

HttpProxy::Session::Next HttpProxy::Session::act(const RouteRule& rule, const RequestFacts& facts) {
  if (const auto* redirect = std::get_if<RedirectSpec>(&rule.action)) {
    return answer(redirect_answer(*redirect, facts, side_));
  }
  if (const auto* fixed = std::get_if<FixedResponseSpec>(&rule.action)) {
    return answer(fixed_answer(*fixed));
  }
  const net::HttpHead& head = reader_.head();
  exchange_.forward = std::get<std::unique_ptr<const Forward>>(rule.action).get();
  choose_by_cookies(head.headers);
  if (exchange_.group == nullptr) {
    return answer(error_answer(503));
  }
  exchange_.upgrade = asks_for_upgrade(head);
  exchange_.request.text() = forwarded_request(
      head, {side_, settings_, proxy_.new_trace_id(), rule.rewrites, exchange_.upgrade});
  return next_target();
}

void HttpProxy::Session::choose_by_cookies(const std::vector<net::Header>& headers) {
  const WallTime now = std::chrono::system_clock::now();
  const auto known = [&](std::string_view name) -> std::string_view {
    const auto value = cookie_value(headers, name);
    return value ? valid_fingerprint(*value, now).value_or("") : "";
  };
  const Forward& forward = *exchange_.forward;
  if (forward.group_stickiness.count() > 0) {
    const std::string_view wanted = known(kGroupCookie);
    for (const WeightedRoute& one : forward.groups) {
      if (one.weight > 0 && !one.group->targets.empty() && one.group->fingerprint == wanted) {
        exchange_.group = one.group;
      }
    }
  }
  if (exchange_.group == nullptr) {
    exchange_.group = choose_group(forward, forward.turn.fetch_add(1, std::memory_order_relaxed));
  }
  if (exchange_.group == nullptr) {
    return;
  }
  switch (exchange_.group->sticky.kind) {
    case Stickiness::Kind::lb_cookie: exchange_.chosen = known(kTargetCookie); break;
    case Stickiness::Kind::app_cookie: exchange_.chosen = known(kAppCookie); break;
    case Stickiness::Kind::none:
    case Stickiness::Kind::source_ip: break;
  }
}

std::vector<std::string> HttpProxy::Session::sticky_cookies(const net::HttpHead& response) const {
  const WallTime now = std::chrono::system_clock::now();
  std::vector<std::string> all;
  const auto give =
      [&](std::string_view name, std::string_view fingerprint, std::chrono::seconds duration) {
        for (std::string& cookie : give_cookie(name, fingerprint, duration, side_.tls, now)) {
          all.push_back(std::move(cookie));
        }
      };
  const Stickiness& sticky = exchange_.group->sticky;
  if (sticky.kind == Stickiness::Kind::lb_cookie) {
    give(kTargetCookie, exchange_.chosen, sticky.duration);
  } else if (sticky.kind == Stickiness::Kind::app_cookie &&
             sets_cookie(response.headers, sticky.cookie)) {
    give(kAppCookie, exchange_.chosen, sticky.duration);
  }
  if (exchange_.forward->group_stickiness.count() > 0) {
    give(kGroupCookie, exchange_.group->fingerprint, exchange_.forward->group_stickiness);
  }
  return all;
}

// What the load balancer says itself. A request whose body is still to come ends the connection:
// nobody wants that body.
HttpProxy::Session::Next HttpProxy::Session::answer(const OwnAnswer& own) {
  upstream_.reset();
  const bool rest_to_come = exchange_.has_body && !exchange_.request_done;
  const bool keep_alive = exchange_.keep_alive && !rest_to_come && !client_ended_;
  out_.text() += write_answer(own,
                              keep_alive,
                              exchange_.method == "HEAD",
                              settings_.server_header,
                              std::chrono::system_clock::now());
  exchange_.keep_alive = keep_alive;
  if (!keep_alive) {
    return leave();
  }
  exchange_.answered_here = true;
  return exchange_.request_done ? finish_exchange() : Next::go_on;
}

HttpProxy::Session::Next HttpProxy::Session::on_body(std::string_view piece) {
  std::string& to = upstream_->out.text();
  if (exchange_.chunked) {
    net::append_chunk(to, piece);
  } else {
    to += piece;
  }
  return push_request();
}

HttpProxy::Session::Next HttpProxy::Session::on_request_end() {
  exchange_.request_done = true;
  if (exchange_.answered_here) {
    return finish_exchange();
  }
  if (exchange_.chunked) {
    upstream_->out.text() += net::kLastChunk;
  }
  return push_request();
}

// --- the target
// ------------------------------------------------------------------------------------------------------

HttpProxy::Session::Next HttpProxy::Session::next_target() {
  Exchange& now = exchange_;
  while (true) {
    const RouteTarget* target = nullptr;
    for (const RouteTarget& one : now.group->targets) {
      if (one.fingerprint == now.chosen &&
          std::ranges::find(now.tried, one.load.get()) == now.tried.end()) {
        target = &one;
      }
    }
    if (target == nullptr) {
      const std::uint64_t turn = now.group->turn.fetch_add(1, std::memory_order_relaxed);
      target = choose_target(*now.group, loop_.now(), turn, 0, now.tried);
    }
    if (target == nullptr) {
      return answer(error_answer(now.status_of_failure));
    }
    now.tried.push_back(target->load.get());
    now.chosen = target->fingerprint;
    // A kept connection may have ended without our knowing; then only what is safe to repeat can go
    // to another one.
    upstream_ = now.repeatable && !now.upgrade ? proxy_.take_kept(*target->load) : nullptr;
    if (upstream_ == nullptr) {
      auto fd = net::start_connect(target->address);
      if (!fd) {
        proxy_.report_failure(now.group->id, target->name, *target->load);
        now.status_of_failure = 502;
        continue;
      }
      upstream_ = std::make_unique<Upstream>(
          proxy_, std::move(*fd), *target, now.group->id, now.group->tls);
      upstream_->start(now.tried.size() >= now.group->targets.size());
    }
    upstream_->reader.expect_response_to(now.method);
    upstream_->out = std::move(now.request);
    upstream_->out.rewind();
    upstream_->serve(this);
    return push_request();
  }
}

// The request's bytes go out as far as the target takes them.
HttpProxy::Session::Next HttpProxy::Session::push_request() {
  if (!upstream_->connected) {
    return Next::go_on;
  }
  if (!upstream_->flush()) {
    return target_gone();
  }
  if (upstream_->out.sent() > kReplay) {
    exchange_.repeatable = false;
  }
  if (!exchange_.repeatable) {
    upstream_->out.trim();
  }
  extend_deadline();
  return Next::go_on;
}

void HttpProxy::Session::upstream_ready() {
  if (state_ == State::tunnelling ? to_target({}) == Next::gone : push_request() == Next::gone) {
    return;
  }
  settle();
}

void HttpProxy::Session::upstream_failed(int status) {
  exchange_.request = std::move(upstream_->out);
  exchange_.status_of_failure = status;
  upstream_.reset();
  if (next_target() != Next::gone) {
    settle();
  }
}

// It ended the connection, or broke it.
HttpProxy::Session::Next HttpProxy::Session::target_gone() {
  using Event = net::HttpReader::Event;
  if (exchange_.answering) {
    if (upstream_->reader.finish() == Event::end) {
      return on_response_end(false);
    }
    abort();
    return Next::gone;
  }
  if (exchange_.repeatable) {
    // That a kept connection has ended says nothing about the target.
    if (upstream_->reused) {
      std::erase(exchange_.tried, &upstream_->load());
    }
    exchange_.request = std::move(upstream_->out);
    exchange_.status_of_failure = 502;
    upstream_.reset();
    return next_target();
  }
  return answer(error_answer(502));
}

}  // namespace local::balancer
