#include "local/balancer/health_checker.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "local/balancer/health_state.hpp"
#include "net/http_codec.hpp"
#include "net/socket.hpp"

namespace local::balancer {

namespace {

constexpr std::size_t kLargestAnswer = 1024 * 1024;

std::string check_request(const HealthCheck& check, const net::SocketAddress& address) {
  std::string out;
  net::append_request_line(out, "GET", check.path);
  net::append_header(out, "Host", address.text());
  net::append_header(out, "Connection", "close");
  net::append_header(out, "User-Agent", "ELB-HealthChecker/2.0");
  net::append_header(out, "Accept-Encoding", "gzip, compressed");
  return out + "\r\n";
}

}  // namespace

// One target: a connection while a probe is under way, a timer between probes.
class HealthChecker::Probe final : public net::Watcher {
 public:
  Probe(HealthChecker& checker, Key key, const HealthCheck& check)
      : checker_(checker),
        loop_(checker.loop_),
        key_(std::move(key)),
        check_(check),
        state_(check, net::EventLoop::Clock::now()),
        address_(address_for(check)) {
    timer_ = loop_.at(loop_.now(), [this] { start(); });
  }

  ~Probe() override {
    loop_.cancel(timer_);
    disconnect();
  }

  void on_events(std::uint32_t events) override;
  void hurry();

  void use(const HealthCheck& check);

  [[nodiscard]] const HealthState& state() const { return state_; }

 private:
  [[nodiscard]] std::optional<net::SocketAddress> address_for(const HealthCheck& check) const {
    return net::SocketAddress::ip(key_.second.host,
                                  check.port != 0 ? check.port : key_.second.port);
  }

  void start();
  void greet();
  void on_connected();
  void on_readable();
  void finish(ProbeResult result, int code = 0);
  void disconnect();

  HealthChecker& checker_;
  net::EventLoop& loop_;
  Key key_;
  HealthCheck check_;
  HealthState state_;
  std::optional<net::SocketAddress> address_;
  net::EventLoop::TimerId timer_ = 0;  // the next probe, or the timeout of this one
  std::unique_ptr<Stream> stream_;
  bool connected_ = false;
  std::optional<net::HttpReader> reader_;
};

void HealthChecker::Probe::start() {
  if (!address_) {
    finish(ProbeResult::failure);
    return;
  }
  auto fd = net::start_connect(*address_);
  if (!fd) {
    finish(ProbeResult::failure);
    return;
  }
  stream_ = std::make_unique<Stream>(std::move(*fd));
  connected_ = false;
  loop_.add(stream_->fd(), EPOLLOUT, *this);
  timer_ = loop_.after(state_.probe_timeout(), [this] { finish(ProbeResult::timeout); });
}

void HealthChecker::Probe::use(const HealthCheck& check) {
  if (check == check_) {
    return;
  }
  check_ = check;
  state_.use(check);
  address_ = address_for(check);
  loop_.cancel(timer_);
  disconnect();
  timer_ = loop_.at(loop_.now(), [this] { start(); });
}

void HealthChecker::Probe::hurry() {
  if (stream_ == nullptr) {
    loop_.cancel(timer_);
    timer_ = loop_.at(loop_.now(), [this] { start(); });
  }
}

void HealthChecker::Probe::on_events(std::uint32_t /*events*/) {
  if (connected_) {
    on_readable();
    return;
  }
  if (stream_->is_tls()) {
    greet();
    return;
  }
  if (net::connect_error(stream_->fd())) {
    finish(ProbeResult::failure);
    return;
  }
  if (check_.protocol == CheckProtocol::https) {
    if (checker_.tls_ == nullptr) {
      checker_.tls_ = TlsContext::for_targets();
    }
    stream_->connect_tls(checker_.tls_);
    greet();
    return;
  }
  on_connected();
}

void HealthChecker::Probe::greet() {
  switch (stream_->handshake()) {
    case Stream::Status::done: on_connected(); return;
    case Stream::Status::wait:
      loop_.change(stream_->fd(), stream_->wants_write() ? EPOLLOUT : EPOLLIN, *this);
      return;
    case Stream::Status::ended:
    case Stream::Status::broken: break;
  }
  finish(ProbeResult::failure);
}

void HealthChecker::Probe::on_connected() {
  connected_ = true;
  if (check_.protocol == CheckProtocol::tcp) {
    finish(ProbeResult::success);
    return;
  }
  const std::string request = check_request(check_, *address_);
  if (stream_->write(request).size != request.size()) {
    finish(ProbeResult::failure);
    return;
  }
  reader_ = net::HttpReader::for_responses({.body = kLargestAnswer});
  loop_.change(stream_->fd(), EPOLLIN, *this);
}

void HealthChecker::Probe::on_readable() {
  std::array<char, 16 * 1024> buffer{};
  const Stream::Moved got = stream_->read(buffer.data(), buffer.size());
  if (got.status == Stream::Status::wait) {
    return;
  }
  if (got.status != Stream::Status::done) {
    finish(ProbeResult::failure);
    return;
  }
  std::string_view input(buffer.data(), got.size);
  while (true) {
    const auto event = reader_->next(input);
    if (event == net::HttpReader::Event::error) {
      finish(ProbeResult::failure);
      return;
    }
    if (event == net::HttpReader::Event::need_more) {
      return;
    }
    const int status = reader_->head().status;
    if (event == net::HttpReader::Event::head && status >= 200) {
      const bool right = matches_codes(check_.codes, status);
      finish(right ? ProbeResult::success : ProbeResult::wrong_code, status);
      return;
    }
  }
}

void HealthChecker::Probe::disconnect() {
  if (stream_ != nullptr) {
    loop_.remove(stream_->fd(), *this);
    stream_.reset();
  }
}

void HealthChecker::Probe::finish(ProbeResult result, int code) {
  loop_.cancel(timer_);
  disconnect();
  const auto now = net::EventLoop::Clock::now();
  const bool changed = state_.take(result, now, code);
  timer_ = loop_.after(state_.delay(now), [this] { start(); });
  if (changed) {
    checker_.on_change_(
        {key_.first, key_.second, state_.health(), state_.reason(), state_.description()});
  }
}

HealthChecker::HealthChecker(net::EventLoop& loop, OnChange on_change)
    : loop_(loop), on_change_(std::move(on_change)) {}

HealthChecker::~HealthChecker() = default;

void HealthChecker::set(const std::map<Key, HealthCheck>& targets) {
  std::erase_if(probes_, [&](const auto& entry) { return !targets.contains(entry.first); });
  for (const auto& [key, check] : targets) {
    if (const auto known = probes_.find(key); known != probes_.end()) {
      known->second->use(check);
    } else {
      probes_.emplace(key, std::make_unique<Probe>(*this, key, check));
    }
  }
}

void HealthChecker::suspect(const Key& key) {
  const auto probe = probes_.find(key);
  if (probe != probes_.end()) {
    probe->second->hurry();
  }
}

Health HealthChecker::health(const Key& key) const {
  const auto probe = probes_.find(key);
  return probe == probes_.end() ? Health::initial : probe->second->state().health();
}

}  // namespace local::balancer
