#include "local/balancer/udp_proxy.hpp"

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "net/socket.hpp"
#include "util/fd.hpp"

namespace local::balancer {

namespace {

constexpr std::size_t kLargestDatagram = 64 * 1024;
constexpr int kDatagramsInARow = 64;
constexpr std::chrono::milliseconds kUdpSweepPeriod{200};

// Of the address alone, so that a sticky client may change its port.
std::size_t source_hash(std::string_view client) {
  const bool v6 = client.size() == sizeof(sockaddr_in6);
  return std::hash<std::string_view>{}(v6 ? client.substr(offsetof(sockaddr_in6, sin6_addr), 16)
                                          : client.substr(offsetof(sockaddr_in, sin_addr), 4));
}

}  // namespace

// The clients of one descriptor. A client's address is kept as the bytes of its sockaddr.
class UdpProxy::Listener final : public net::Watcher {
 public:
  Listener(UdpProxy& proxy, std::string name, int socket)
      : id(std::move(name)), fd(socket), proxy_(proxy) {
    proxy_.loop_.add(fd, EPOLLIN, *this);
  }

  ~Listener() override { proxy_.loop_.remove(fd, *this); }

  void on_events(std::uint32_t events) override;

  std::string id;
  int fd;
  std::unordered_map<std::string, Flow*> flows;

 private:
  UdpProxy& proxy_;
};

// One client and its target.
class UdpProxy::Flow final : public net::Watcher {
 public:
  Flow(UdpProxy& proxy,
       Listener& owner,
       std::string peer,
       util::Fd fd,
       std::shared_ptr<const RouteGroup> of,
       const RouteTarget& target)
      : listener(owner),
        client(std::move(peer)),
        group(std::move(of)),
        name(target.name),
        load(target.load),
        last_used(proxy.loop_.now()),
        proxy_(proxy),
        fd_(std::move(fd)) {
    load->connections.fetch_add(1, std::memory_order_relaxed);
    proxy_.loop_.add(fd_.get(), EPOLLIN, *this);
  }

  ~Flow() override {
    proxy_.loop_.remove(fd_.get(), *this);
    load->connections.fetch_sub(1, std::memory_order_relaxed);
  }

  void on_events(std::uint32_t events) override;

  // False when the target refused.
  [[nodiscard]] bool send(const char* data, std::size_t size) const {
    return ::send(fd_.get(), data, size, MSG_NOSIGNAL) >= 0 || errno == EAGAIN || errno == EMSGSIZE;
  }

  Listener& listener;
  std::string client;
  std::shared_ptr<const RouteGroup> group;
  TargetAddress name;
  std::shared_ptr<TargetLoad> load;
  RouteTime last_used;
  Flows::iterator place;

 private:
  UdpProxy& proxy_;
  util::Fd fd_;
};

void UdpProxy::Listener::on_events(std::uint32_t /*events*/) {
  for (int i = 0; i < kDatagramsInARow; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(fd,
                                   proxy_.buffer_.data(),
                                   proxy_.buffer_.size(),
                                   0,
                                   std::bit_cast<sockaddr*>(&from),
                                   &size);
    if (got < 0) {
      return;
    }
    std::string client(size, '\0');
    std::memcpy(client.data(), &from, size);
    // A refusal is told with the next datagram; that one still has a chance elsewhere.
    for (int attempt = 0; attempt < 2; ++attempt) {
      Flow* flow = proxy_.flow_for(*this, client);
      if (flow == nullptr || flow->send(proxy_.buffer_.data(), static_cast<std::size_t>(got))) {
        break;
      }
      proxy_.fail(*flow);
    }
  }
}

void UdpProxy::Flow::on_events(std::uint32_t /*events*/) {
  for (int i = 0; i < kDatagramsInARow; ++i) {
    const ssize_t got = ::recv(fd_.get(), proxy_.buffer_.data(), proxy_.buffer_.size(), 0);
    if (got < 0) {
      if (errno != EAGAIN && errno != EINTR) {
        proxy_.fail(*this);
      }
      return;
    }
    proxy_.used(*this);
    sockaddr_storage to{};
    std::memcpy(&to, client.data(), client.size());
    ::sendto(listener.fd,
             proxy_.buffer_.data(),
             static_cast<std::size_t>(got),
             MSG_NOSIGNAL,
             std::bit_cast<const sockaddr*>(&to),
             static_cast<socklen_t>(client.size()));
  }
}

UdpProxy::UdpProxy(net::EventLoop& loop, OnFailure on_failure, UdpProxyOptions options)
    : loop_(loop),
      on_failure_(std::move(on_failure)),
      options_(options),
      buffer_(kLargestDatagram) {}

UdpProxy::~UdpProxy() {
  loop_.cancel(sweep_timer_);
  flows_.clear();
  listeners_.clear();
}

void UdpProxy::open(const std::string& listener, int fd) {
  listeners_.emplace(listener, std::make_unique<Listener>(*this, listener, fd));
}

void UdpProxy::close(const std::string& listener) {
  std::erase_if(flows_, [&](const auto& flow) { return flow->listener.id == listener; });
  listeners_.erase(listener);
}

void UdpProxy::set_table(std::shared_ptr<const RoutingTable> table) {
  table_ = std::move(table);
  for (auto at = flows_.begin(); at != flows_.end();) {
    Flow& flow = **at++;
    if (flow.load->retired.load()) {
      drop(flow);
    }
  }
}

void UdpProxy::used(Flow& flow) {
  flow.last_used = loop_.now();
  flows_.splice(flows_.end(), flows_, flow.place);
}

void UdpProxy::drop(Flow& flow) {
  flow.listener.flows.erase(flow.client);
  flows_.erase(flow.place);
}

void UdpProxy::fail(Flow& flow) {
  flow.load->avoid_until.store(loop_.now() + options_.avoid_time);
  on_failure_(flow.group->id, flow.name);
  drop(flow);
}

UdpProxy::Flow* UdpProxy::flow_for(Listener& listener, const std::string& client) {
  const auto known = listener.flows.find(client);
  Flow* flow = known == listener.flows.end() ? new_flow(listener, client) : known->second;
  if (flow != nullptr) {
    used(*flow);
  }
  return flow;
}

UdpProxy::Flow* UdpProxy::new_flow(Listener& listener, const std::string& client) {
  const Route* route = table_->find(listener.id);
  const Forward* forward = route == nullptr ? nullptr : route->forward();
  if (forward == nullptr) {
    return nullptr;
  }
  auto group = choose_group(*forward, forward->turn.fetch_add(1, std::memory_order_relaxed));
  if (group == nullptr) {
    return nullptr;
  }
  const std::uint64_t turn = group->turn.fetch_add(1, std::memory_order_relaxed);
  const RouteTarget* target = choose_target(*group, loop_.now(), turn, source_hash(client), {});
  auto fd = target == nullptr ? util::Result<util::Fd, std::error_code>(util::Fd())
                              : net::connect_datagrams(target->address);
  if (target == nullptr || !fd) {
    return nullptr;
  }
  if (flows_.size() >= options_.flows) {
    drop(*flows_.front());
  }
  flows_.push_back(
      std::make_unique<Flow>(*this, listener, client, std::move(*fd), std::move(group), *target));
  Flow& flow = *flows_.back();
  flow.place = std::prev(flows_.end());
  listener.flows[client] = &flow;
  if (sweep_timer_ == 0) {
    sweep_timer_ = loop_.after(kUdpSweepPeriod, [this] { sweep(); });
  }
  return &flow;
}

void UdpProxy::sweep() {
  for (auto at = flows_.begin(); at != flows_.end();) {
    Flow& flow = **at++;
    const auto limit =
        flow.load->draining.load() ? options_.draining_idle_timeout : options_.idle_timeout;
    if (loop_.now() - flow.last_used >= limit) {
      drop(flow);
    }
  }
  sweep_timer_ = flows_.empty() ? 0 : loop_.after(kUdpSweepPeriod, [this] { sweep(); });
}

}  // namespace local::balancer
