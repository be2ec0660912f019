#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local/balancer/acceptor.hpp"
#include "local/balancer/routing_table.hpp"
#include "net/event_loop.hpp"

namespace local::balancer {

struct TcpProxyOptions {
  std::size_t connections = 16'384;  // more wait in the kernel's queue
  // How long one target may take to accept, when there is another and when it
  // is the last. A packet to a container that has just gone is answered by
  // nobody.
  std::chrono::milliseconds connect_timeout{300};
  std::chrono::milliseconds last_connect_timeout{5'000};
  std::chrono::milliseconds avoid_time{2'000};  // after a target could not be reached
  std::chrono::milliseconds handshake_timeout{10'000};
};

// Moves bytes between clients and targets on one loop's thread; TLS listeners
// take it off, groups of TLS targets put it on. A connection
// stays with the target it got; a target that refuses is passed over for the
// next. When none can be reached the client's connection is reset. Half-closed
// connections go on in the other direction; a slow reader slows down the writer
// instead of filling memory.
class TcpProxy final : public Acceptor::Owner {
 public:
  // A target refused or timed out.
  using OnFailure = std::function<void(const std::string& group, const TargetAddress& target)>;

  TcpProxy(net::EventLoop& loop, OnFailure on_failure, TcpProxyOptions options = {});
  ~TcpProxy() override;

  // A listener may have several descriptors; they stay the caller's and may be
  // shared between proxies.
  void open(const std::string& listener, int fd);
  // All descriptors of this listener, and the connections made through them.
  void close(const std::string& listener);
  // Routes for the connections to come. Connections to retired targets end.
  void set_table(std::shared_ptr<const RoutingTable> table);

 private:
  class Session;
  [[nodiscard]] bool has_room() const override;
  void take_over(const std::string& listener, util::Fd client) override;
  void out_of_descriptors() override;
  void close_sessions(const std::function<bool(const Session&)>& which);
  void sweep();
  void keep_sweeping();
  void report_failure(const std::string& group, const TargetAddress& target, TargetLoad& load);

  net::EventLoop& loop_;
  OnFailure on_failure_;
  TcpProxyOptions options_;
  std::shared_ptr<const RoutingTable> table_ = std::make_shared<const RoutingTable>();
  std::multimap<std::string, std::unique_ptr<Acceptor>> listeners_;
  SessionList<Session> sessions_;
  std::vector<char> buffer_;
  net::EventLoop::TimerId sweep_timer_ = 0;
};

}  // namespace local::balancer
