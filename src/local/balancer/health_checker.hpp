#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "local/balancer/data_plane.hpp"
#include "local/balancer/tls.hpp"
#include "net/event_loop.hpp"

namespace local::balancer {

// Probes the targets of groups that are in use. Lives on one loop's thread.
class HealthChecker {
 public:
  using Key = std::pair<std::string, TargetAddress>;  // group, target
  using OnChange = std::function<void(const HealthChange& change)>;

  HealthChecker(net::EventLoop& loop, OnChange on_change);
  HealthChecker(const HealthChecker&) = delete;
  HealthChecker& operator=(const HealthChecker&) = delete;
  ~HealthChecker();

  // Exactly these targets are probed from now on. One that stays keeps its health; one whose check
  // changed is asked by the new one from its next probe, and starts again as a new target.
  void set(const std::map<Key, HealthCheck>& targets);
  // Somebody could not connect: probe soon instead of at the end of the interval.
  void suspect(const Key& key);
  [[nodiscard]] Health health(const Key& key) const;

 private:
  class Probe;
  net::EventLoop& loop_;
  OnChange on_change_;
  std::shared_ptr<const TlsContext> tls_;  // made when the first check needs it
  std::map<Key, std::unique_ptr<Probe>> probes_;
};

}  // namespace local::balancer
