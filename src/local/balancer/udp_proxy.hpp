#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local/balancer/routing_table.hpp"
#include "net/event_loop.hpp"

namespace local::balancer {

struct UdpProxyOptions {
  std::size_t flows = 8'192;  // beyond it the one that was silent longest ends
  std::chrono::milliseconds idle_timeout{120'000};  // a network load balancer's
  // To a target that drains: it would else be waited for until a client had been silent for long.
  std::chrono::milliseconds draining_idle_timeout{1'000};
  std::chrono::milliseconds avoid_time{2'000};  // after a target refused
};

// Passes datagrams between clients and targets on one loop's thread. What comes from one address
// and port is a flow: it stays with its target, which answers through the same flow, until both
// have been silent for a while. A datagram that cannot be passed on at once is dropped, as networks
// do.
class UdpProxy {
 public:
  // A target refused.
  using OnFailure = std::function<void(const std::string& group, const TargetAddress& target)>;

  UdpProxy(net::EventLoop& loop, OnFailure on_failure, UdpProxyOptions options = {});
  UdpProxy(const UdpProxy&) = delete;
  UdpProxy& operator=(const UdpProxy&) = delete;
  ~UdpProxy();

  // A listener may have several descriptors; they stay the caller's.
  void open(const std::string& listener, int fd);
  void close(const std::string& listener);
  // Routes for the flows to come. Flows to retired targets end.
  void set_table(std::shared_ptr<const RoutingTable> table);

 private:
  class Listener;
  class Flow;
  using Flows = std::list<std::unique_ptr<Flow>>;  // the one that was silent longest first

  Flow* flow_for(Listener& listener, const std::string& client);
  Flow* new_flow(Listener& listener, const std::string& client);
  void used(Flow& flow);
  void drop(Flow& flow);
  void fail(Flow& flow);
  void sweep();

  net::EventLoop& loop_;
  OnFailure on_failure_;
  UdpProxyOptions options_;
  std::shared_ptr<const RoutingTable> table_ = std::make_shared<const RoutingTable>();
  std::multimap<std::string, std::unique_ptr<Listener>> listeners_;
  Flows flows_;
  std::vector<char> buffer_;
  net::EventLoop::TimerId sweep_timer_ = 0;
};

}  // namespace local::balancer
