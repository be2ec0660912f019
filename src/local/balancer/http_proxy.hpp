#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "local/balancer/acceptor.hpp"
#include "local/balancer/routing_table.hpp"
#include "net/event_loop.hpp"
#include "net/http_codec.hpp"

namespace local::balancer {

struct HttpProxyOptions {
  std::size_t connections = 16'384;  // of clients; more wait in the kernel's queue
  // How long one target may take to accept, when there is another and when it is the last.
  std::chrono::milliseconds connect_timeout{300};
  std::chrono::milliseconds last_connect_timeout{10'000};
  std::chrono::milliseconds avoid_time{2'000};  // after a target could not be reached
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds kept_time{15'000};  // of a connection to a target without a request
  std::size_t kept_connections = 64;            // to one target
  // An application load balancer's limits: 64 KiB for all headers.
  net::HttpLimits limits{.head = 64 * 1024, .headers = 500, .body = SIZE_MAX};
};

// An HTTP/1.1 reverse proxy with an application load balancer's manners, on one loop's thread.
// Requests of one client are served one after the other, each by the target that its rule names;
// connections to targets are kept and shared. A request that is safe to repeat is sent to another
// target when its own did not answer at all. Bodies flow through; a slow reader slows down the
// writer.
class HttpProxy final : public Acceptor::Owner {
 public:
  // A target refused or timed out.
  using OnFailure = std::function<void(const std::string& group, const TargetAddress& target)>;

  HttpProxy(net::EventLoop& loop, OnFailure on_failure, HttpProxyOptions options = {});
  ~HttpProxy() override;

  // A listener may have several descriptors; they stay the caller's and may be shared between
  // proxies.
  void open(const std::string& listener, int fd);
  // All descriptors of this listener, and the connections made through them.
  void close(const std::string& listener);
  // Routes for the requests to come. Requests to retired targets end.
  void set_table(std::shared_ptr<const RoutingTable> table);

 private:
  class Session;
  class Upstream;
  friend class Session;
  friend class Upstream;

  [[nodiscard]] bool has_room() const override;
  void take_over(const std::string& listener, util::Fd client) override;
  void out_of_descriptors() override;
  void sweep();
  void keep_sweeping();
  void report_failure(const std::string& group, const TargetAddress& target, TargetLoad& load);
  std::string new_trace_id();

  // A kept connection to this target, or null.
  std::unique_ptr<Upstream> take_kept(const TargetLoad& load);
  void keep(std::unique_ptr<Upstream> upstream);
  void forget(const Upstream& upstream);

  net::EventLoop& loop_;
  OnFailure on_failure_;
  HttpProxyOptions options_;
  std::shared_ptr<const RoutingTable> table_ = std::make_shared<const RoutingTable>();
  std::multimap<std::string, std::unique_ptr<Acceptor>> listeners_;
  SessionList<Session> sessions_;
  std::map<const TargetLoad*, std::vector<std::unique_ptr<Upstream>>> kept_;
  std::vector<char> buffer_;
  std::mt19937_64 random_;
  net::EventLoop::TimerId sweep_timer_ = 0;
};

}  // namespace local::balancer
