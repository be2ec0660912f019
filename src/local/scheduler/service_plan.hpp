#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "util/clock.hpp"

// The decisions of the service scheduler, without doing anything: what is wanted and what is there
// go in, a list of steps with their reasons comes out. The rules are AWS's rolling update:
// minimumHealthyPercent rounds up, maximumPercent rounds down and counts running and pending tasks;
// a deployment is complete when its tasks are healthy and all others are gone; the circuit breaker
// gives up after half of the desired count failed (3 at least, 200 at most).
namespace local::ecs {

enum class TaskStage : std::uint8_t { starting, running, stopping };

struct PlannedTask {
  std::string id;
  std::string deployment;
  TaskStage stage = TaskStage::starting;
  bool healthy = false;   // counts for minimumHealthyPercent
  std::string unhealthy;  // why it must be replaced; empty = it need not
  std::int64_t created_ms = 0;
};

enum class Rollout : std::uint8_t { in_progress, completed, failed };

struct PlannedDeployment {
  std::string id;
  Rollout rollout = Rollout::in_progress;
  std::int64_t failures = 0;                          // in a row
  std::optional<util::Clock::TimePoint> start_after;  // back-off after failures
};

struct PlannedService {
  std::string name;
  std::int64_t desired = 0;
  std::int64_t minimum_percent = 100;
  std::int64_t maximum_percent = 200;
  bool breaker = false;
  bool rollback = false;
  bool has_last_completed = false;  // there is something to go back to
  bool steady_announced = false;
  std::vector<PlannedDeployment> deployments;  // newest first; the first is PRIMARY
  std::vector<PlannedTask> tasks;              // all that are not STOPPED
};

struct ServiceStep {
  enum class Kind : std::uint8_t {
    start_tasks,          // `count` of `deployment`
    stop_task,            // `task`, with `cause` as its stoppedReason
    complete_deployment,  // `deployment`
    retire_deployment,    // `deployment` has no tasks left and is not wanted
    fail_deployment,      // `deployment`: the circuit breaker opened
    roll_back,            // to the last completed deployment
    announce_steady,
    wait,  // look again at `until`
  };
  Kind kind = Kind::wait;
  std::string deployment;
  std::string task;
  std::int64_t count = 0;
  util::Clock::TimePoint until{};
  std::string cause;
};

using SchedulerPlan = std::vector<ServiceStep>;

SchedulerPlan plan_service(const PlannedService& service, util::Clock::TimePoint now);

// One line a step: "start 2 of ecs-svc/1: desired 2, live 0".
std::string to_text(const SchedulerPlan& plan);

// Half of the desired count, rounded up, between 3 and 200.
std::int64_t breaker_threshold(std::int64_t desired);
// How long to wait before the next start after `failures` in a row: none after the first, then 4 s
// doubling up to 15 min, times `scale`.
std::chrono::milliseconds restart_delay(std::int64_t failures, double scale);

}  // namespace local::ecs
