#include <algorithm>
#include <utility>

#include "local/balancer/http_session.hpp"

namespace local::balancer {

HttpProxy::Upstream::Upstream(HttpProxy& proxy,
                              util::Fd fd,
                              const RouteTarget& target,
                              std::string group,
                              bool tls)
    : Watched(proxy.loop_, std::move(fd)),
      reader(net::HttpReader::for_responses(proxy.options_.limits)),
      proxy_(proxy),
      load_(target.load),
      target_(target.name),
      group_(std::move(group)),
      tls_(tls) {}

HttpProxy::Upstream::~Upstream() {
  serve(nullptr);
}

void HttpProxy::Upstream::serve(Session* session) {
  const int change = (session != nullptr ? 1 : 0) - (session_ != nullptr ? 1 : 0);
  load_->connections.fetch_add(change, std::memory_order_relaxed);
  session_ = session;
}

void HttpProxy::Upstream::start(bool last) {
  deadline =
      loop_.now() + (last ? proxy_.options_.last_connect_timeout : proxy_.options_.connect_timeout);
  want(EPOLLOUT);
}

void HttpProxy::Upstream::report_failure() {
  proxy_.report_failure(group_, target_, *load_);
}

void HttpProxy::Upstream::set_reading(bool on) {
  reading_ = on;
  if (connected) {
    update_interest();
  }
}

void HttpProxy::Upstream::stop() {
  stopped_ = true;
  update_interest();
}

void HttpProxy::Upstream::update_interest() {
  if (stopped_ && out.empty()) {
    unwatch();
    return;
  }
  want((reading_ && !stopped_ ? EPOLLIN : 0U) | (out.empty() ? 0U : EPOLLOUT));
}

bool HttpProxy::Upstream::flush() {
  while (!out.empty()) {
    const Stream::Moved sent = stream_.write(out.rest());
    if (sent.status == Stream::Status::broken) {
      return false;
    }
    if (sent.size == 0) {
      break;
    }
    out.take(sent.size);
  }
  update_interest();
  return true;
}

void HttpProxy::Upstream::greet() {
  switch (stream_.handshake()) {
    case Stream::Status::done:
      connected = true;
      session_->upstream_ready();
      return;
    case Stream::Status::wait: want(stream_.wants_write() ? EPOLLOUT : EPOLLIN); return;
    case Stream::Status::ended:
    case Stream::Status::broken: break;
  }
  report_failure();
  session_->upstream_failed(502);
}

// Calls the session at most once, and last: it may let go of this connection.
void HttpProxy::Upstream::on_events(std::uint32_t events) {
  if (session_ == nullptr) {
    proxy_.forget(*this);  // the target ended a kept connection
    return;
  }
  if (connected) {
    const bool broken = (events & EPOLLOUT) != 0 && !flush();
    if (broken || (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
      session_->upstream_readable();
    } else {
      session_->upstream_ready();
    }
    return;
  }
  if (stream_.is_tls()) {
    greet();
    return;
  }
  if (net::connect_error(stream_.fd())) {
    report_failure();
    session_->upstream_failed(502);
    return;
  }
  if (tls_) {
    stream_.connect_tls(proxy_.table_->to_targets);
    greet();
    return;
  }
  connected = true;
  session_->upstream_ready();
}

}  // namespace local::balancer
