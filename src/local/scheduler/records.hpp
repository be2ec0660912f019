#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "awsapi/ecs.hpp"
#include "doc/node.hpp"
#include "util/clock.hpp"

// What the local ECS remembers. Each record keeps the shape that AWS's API answers with (`wire`)
// and, beside it, what only the engine needs. All of it is persisted, so that the next process
// takes up where this one was killed.
namespace local::ecs {

namespace api = ::awsapi::ecs;
using TimePoint = util::Clock::TimePoint;

// Of one container, from "not asked for yet" to "gone from Docker".
enum class ContainerPhase : std::uint8_t {
  none,
  creating,
  created,
  starting,
  running,
  stopping,
  stopped,
  removed
};
std::string_view name_of(ContainerPhase phase);

struct ContainerRecord {
  std::string
      name;  // in the task definition; kPauseContainer for the holder of the network namespace
  std::string docker_id;  // empty until created
  ContainerPhase phase = ContainerPhase::none;
  std::optional<std::int64_t> exit_code;
  bool out_of_memory = false;
  std::string health = "UNKNOWN";  // only meaningful with a health check
  std::int64_t started_ms = 0;     // 0 = never
  std::int64_t restarts = 0;
};

inline constexpr std::string_view kPauseContainer = "~internal~ecs~pause";

struct TargetRecord {
  std::string target_group;  // ARN
  std::string address;
  std::int64_t port = 0;
};

struct TaskRecord {
  api::Task wire;
  std::string id;            // 32 hex digits
  std::string cluster;       // name
  std::string service;       // name; empty for a task made by RunTask
  std::string deployment;    // "ecs-svc/<19 digits>"
  std::string client_token;  // of the RunTask that made it
  api::Service revision;     // network, load balancers and registries it runs with
  std::vector<ContainerRecord>
      containers;                     // of the definition, then the pause container if there is one
  std::vector<TargetRecord> targets;  // registered and not yet drained
  std::vector<std::string> instances;  // Cloud Map services (ARN) it is registered with
  bool draining = false;               // targets are deregistered and finish their connections
  bool failed_launch = false;          // stopped before it was RUNNING
  bool counted = false;                // its end was seen by the deployment

  [[nodiscard]] bool stop_wanted() const { return wire.desired_status == "STOPPED"; }

  [[nodiscard]] bool stopped() const { return wire.last_status == "STOPPED"; }

  [[nodiscard]] bool running() const { return wire.last_status == "RUNNING" && !stop_wanted(); }
};

struct DeploymentRecord {
  api::Deployment wire;
  api::Service revision;
  std::int64_t failures = 0;  // tasks that failed since the last one that was healthy
  std::int64_t last_failure_ms = 0;

  [[nodiscard]] bool primary() const { return wire.status == "PRIMARY"; }
};

struct ServiceRecord {
  api::Service wire;  // without deployments and counts, which are computed when asked for
  std::string cluster;
  std::optional<api::ServiceConnectConfiguration> connect;  // of the next deployment
  std::vector<DeploymentRecord> deployments;                // newest first; the first is PRIMARY
  std::optional<DeploymentRecord> last_completed;
  std::vector<api::ServiceDeployment> history;  // newest first
  bool steady = false;  // "has reached a steady state" was said since the last change

  [[nodiscard]] const std::string& name() const { return *wire.service_name; }

  [[nodiscard]] std::string key() const { return cluster + "/" + name(); }

  [[nodiscard]] bool active() const { return wire.status == "ACTIVE"; }
};

doc::Node to_node(const TaskRecord& task);
TaskRecord task_from(const doc::Node& node);
doc::Node to_node(const ServiceRecord& service);
ServiceRecord service_from(const doc::Node& node);

inline std::int64_t millis(TimePoint t) {
  return t.time_since_epoch().count();
}

inline ::awsapi::Timestamp stamp(TimePoint t) {
  return {millis(t)};
}

inline TimePoint time_of(std::int64_t milliseconds) {
  return TimePoint{std::chrono::milliseconds{milliseconds}};
}

}  // namespace local::ecs
