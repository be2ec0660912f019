#include "local/balancer/http_proxy.hpp"

#include <algorithm>
#include <utility>

#include "local/balancer/http_session.hpp"

namespace local::balancer {

namespace {

constexpr std::size_t kHttpBuffer = 64 * 1024;
constexpr std::chrono::milliseconds kHttpSweepPeriod{100};

void append_hex(std::string& out, std::uint64_t value, int digits) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out += kHex[(value >> static_cast<unsigned>(shift)) & 15U];
  }
}

}  // namespace

HttpProxy::HttpProxy(net::EventLoop& loop, OnFailure on_failure, HttpProxyOptions options)
    : loop_(loop),
      on_failure_(std::move(on_failure)),
      options_(options),
      buffer_(kHttpBuffer),
      random_(std::random_device{}()) {}

HttpProxy::~HttpProxy() {
  loop_.cancel(sweep_timer_);
  sessions_.clear();
  kept_.clear();
}

void HttpProxy::open(const std::string& listener, int fd) {
  listeners_.emplace(listener, std::make_unique<Acceptor>(loop_, *this, listener, fd));
}

void HttpProxy::close(const std::string& listener) {
  listeners_.erase(listener);
  sessions_.for_each([&](Session& session) {
    if (session.listener() == listener) {
      session.abort();
    }
  });
}

void HttpProxy::set_table(std::shared_ptr<const RoutingTable> table) {
  table_ = std::move(table);
  sessions_.for_each([](Session& session) {
    if (session.serves_retired_target()) {
      session.abort();
    }
  });
  std::erase_if(kept_, [](const auto& entry) {
    return entry.second.empty() || entry.second.front()->load().draining.load() ||
           entry.second.front()->load().retired.load();
  });
}

bool HttpProxy::has_room() const {
  return sessions_.size() < options_.connections;
}

void HttpProxy::out_of_descriptors() {
  kept_.clear();
  keep_sweeping();
}

void HttpProxy::take_over(const std::string& listener, util::Fd client) {
  Session& session = sessions_.add(std::make_unique<Session>(*this, listener, std::move(client)));
  keep_sweeping();
  session.start();
}

void HttpProxy::report_failure(const std::string& group,
                               const TargetAddress& target,
                               TargetLoad& load) {
  load.avoid_until.store(loop_.now() + options_.avoid_time);
  on_failure_(group, target);
}

std::string HttpProxy::new_trace_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string id = "1-";
  append_hex(
      id,
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count()),
      8);
  id += '-';
  append_hex(id, random_(), 16);
  append_hex(id, random_(), 8);
  return id;
}

std::unique_ptr<HttpProxy::Upstream> HttpProxy::take_kept(const TargetLoad& load) {
  const auto at = kept_.find(&load);
  if (at == kept_.end() || at->second.empty()) {
    return nullptr;
  }
  auto upstream = std::move(at->second.back());  // the one used last is the likeliest to live
  at->second.pop_back();
  upstream->reused = true;
  return upstream;
}

void HttpProxy::keep(std::unique_ptr<Upstream> upstream) {
  auto& others = kept_[&upstream->load()];
  if (others.size() >= options_.kept_connections || upstream->load().draining.load()) {
    return;
  }
  upstream->out.clear();
  upstream->set_reading(true);
  upstream->deadline = loop_.now() + options_.kept_time;
  others.push_back(std::move(upstream));
}

void HttpProxy::forget(const Upstream& upstream) {
  const auto at = kept_.find(&upstream.load());
  std::erase_if(at->second, [&](const auto& one) { return one.get() == &upstream; });
}

void HttpProxy::keep_sweeping() {
  if (sweep_timer_ == 0) {
    sweep_timer_ = loop_.after(kHttpSweepPeriod, [this] { sweep(); });
  }
}

// Runs only while there are connections, so that an idle engine sleeps.
void HttpProxy::sweep() {
  const auto now = loop_.now();
  sessions_.for_each([&](Session& session) { session.on_time(now); });
  for (auto& [load, upstreams] : kept_) {
    std::erase_if(upstreams, [&](const auto& one) { return now >= one->deadline; });
  }
  std::erase_if(kept_, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [id, acceptor] : listeners_) {
    acceptor->listen(has_room());
  }
  sweep_timer_ = 0;
  if (sessions_.size() > 0 || !kept_.empty()) {
    keep_sweeping();
  }
}

}  // namespace local::balancer
