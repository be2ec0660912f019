#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.hpp"

namespace local::balancer {

// What the ELBv2 module asks of the machinery that moves bytes, as data. Durations are real ones:
// the module has already applied the time scale.

enum class CheckProtocol : std::uint8_t { tcp, http };

struct HealthCheck {
  CheckProtocol protocol = CheckProtocol::tcp;
  std::uint16_t port = 0;     // 0: the target's own
  std::string path = "/";     // http
  std::string codes = "200";  // http: "200", "200,301", "200-399"
  std::chrono::milliseconds interval{750};
  std::chrono::milliseconds timeout{10'000};
  // A new target that has never answered stays `initial` this long. Starting a program takes the
  // time it takes, so this is not scaled.
  std::chrono::milliseconds patience{60'000};
  int healthy_threshold = 5;  // of a target that was unhealthy; a new one needs one success
  int unhealthy_threshold = 2;

  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct TargetAddress {
  std::string host;  // numeric
  std::uint16_t port = 0;

  friend auto operator<=>(const TargetAddress&, const TargetAddress&) = default;
};

struct TargetSpec {
  TargetAddress address;
  bool draining = false;  // no new connections; the open ones go on
};

struct GroupSpec {
  std::string id;
  HealthCheck check;
  bool sticky_by_source = false;
  // A target that leaves this list has its connections closed.
  std::vector<TargetSpec> targets;
};

struct WeightedGroup {
  std::string group;
  int weight = 1;
};

struct ListenerSpec {
  std::string id;
  std::vector<WeightedGroup> forward;
};

struct Desired {
  std::vector<ListenerSpec> listeners;
  std::vector<GroupSpec> groups;
};

enum class Health : std::uint8_t { initial, healthy, unhealthy };

struct HealthChange {
  std::string group;
  TargetAddress target;
  Health health = Health::initial;
  std::string reason;       // "Target.FailedHealthChecks"; empty when healthy
  std::string description;  // "Health checks failed"
};

struct DataPlaneEvents {
  // Both are called on a thread of the data plane; the engine posts them to its control loop.
  std::function<void(const HealthChange& change)> health_changed;
  // A draining target has no connection left. May be said more than once.
  std::function<void(const std::string& group, const TargetAddress& target)> drained;
};

struct BindError {
  enum class Kind : std::uint8_t { taken, forbidden, other };
  Kind kind = Kind::other;
  std::string detail;  // for people: what was tried and what to do
};

// All functions are called by the control thread; none blocks for longer than a system call.
class DataPlane {
 public:
  DataPlane() = default;
  DataPlane(const DataPlane&) = delete;
  DataPlane& operator=(const DataPlane&) = delete;
  virtual ~DataPlane() = default;

  // Listens on the first of `hosts` where `port` is free, and says which. Connections wait until a
  // route is applied.
  virtual util::Result<std::string, BindError> open_listener(const std::string& id,
                                                             const std::vector<std::string>& hosts,
                                                             std::uint16_t port) = 0;
  // The port is free when this returns; connections made through it are closed.
  virtual void close_listener(const std::string& id) = 0;
  // Replaces all routes and targets. Health of targets that stay is kept.
  virtual void apply(Desired desired) = 0;
};

}  // namespace local::balancer
