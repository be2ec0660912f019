#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "local/balancer/data_plane.hpp"
#include "local/balancer/health_checker.hpp"
#include "local/balancer/http_proxy.hpp"
#include "local/balancer/routing_table.hpp"
#include "local/balancer/tcp_proxy.hpp"
#include "local/balancer/udp_proxy.hpp"
#include "net/event_loop.hpp"
#include "util/fd.hpp"

namespace local::balancer {

struct BalancerOptions {
  std::size_t threads =
      1;  // that move bytes; the first one also checks health and passes datagrams
  TcpProxyOptions tcp = {};
  HttpProxyOptions http = {};
  UdpProxyOptions udp = {};
};

// Opens `port` on the first of `hosts` that has it free; with 127.0.0.1 also on [::1] where
// possible, because that is what "localhost" may mean to a client. The sockets, and the host.
struct BoundListener {
  std::string host;
  ListenerKind kind = ListenerKind::tcp;
  std::vector<util::Fd> streams;
  std::vector<util::Fd> datagrams;
};

util::Result<BoundListener, BindError> bind_listener(ListenerKind kind,
                                                     const std::vector<std::string>& hosts,
                                                     std::uint16_t port);

// The data plane: listeners on loopback, health checks, proxies. Runs on threads of its own; the
// public functions belong to one other thread (the engine's control thread).
class Balancer final : public DataPlane {
 public:
  explicit Balancer(DataPlaneEvents events, BalancerOptions options = {});
  ~Balancer() override;  // closes everything

  util::Result<std::string, BindError> open_listener(const std::string& id,
                                                     ListenerKind kind,
                                                     const std::vector<std::string>& hosts,
                                                     std::uint16_t port) override;
  void close_listener(const std::string& id) override;
  void apply(Desired desired) override;

  // Where a listener really is; 0 for an unknown one. For tests, which listen on port 0.
  [[nodiscard]] std::uint16_t port_of(const std::string& id) const;

 private:
  using Key = HealthChecker::Key;
  struct Worker;

  // The rest belongs to the first worker's thread.
  void take(Desired desired);
  void publish();
  [[nodiscard]] std::shared_ptr<const RouteGroup> make_group(const GroupSpec& spec) const;
  void watch_draining();
  // Runs `then` on the first worker once every worker uses the table published last.
  void after_all_know(std::size_t next, std::function<void()> then);
  void on_all(const std::function<void(Worker&)>& action, bool wait);
  [[nodiscard]] std::shared_ptr<const TlsContext> tls_of(const ListenerSpec& listener);

  DataPlaneEvents events_;
  std::map<std::string, BoundListener> listeners_;  // control thread

  Desired desired_;
  std::map<Key, std::shared_ptr<TargetLoad>> loads_;
  // By what they are made of, so that a change elsewhere leaves them as they are.
  std::map<std::string, std::shared_ptr<const TlsContext>> tls_contexts_;
  std::shared_ptr<const TlsContext> to_targets_;  // made when the first group needs it
  std::set<Key> draining_;                        // with connections, as far as is known
  std::uint64_t last_table_ = 0;
  std::uint64_t draining_table_ = 0;  // the first one in which these are draining
  net::EventLoop::TimerId drain_timer_ = 0;
  std::unique_ptr<HealthChecker> health_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace local::balancer
