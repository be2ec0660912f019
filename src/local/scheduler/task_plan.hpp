#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "local/scheduler/records.hpp"

// The order in which one task's containers are created, started, stopped and removed: dependencies
// forwards on the way up, backwards on the way down, and the end of an essential container is the
// end of the task. Pure.
namespace local::ecs {

struct Dependency {
  enum class Condition : std::uint8_t { start, complete, success, healthy };
  std::size_t container = 0;
  Condition condition = Condition::start;
  std::optional<TimePoint> give_up;  // startTimeout of the container it waits for
};

struct PlannedContainer {
  std::string name;
  ContainerPhase phase = ContainerPhase::none;
  bool essential = true;
  bool holds_network = false;                 // the pause container
  std::optional<std::size_t> network_holder;  // must exist before this one is created
  std::optional<std::int64_t> exit_code;
  bool healthy = false;
  bool unhealthy = false;
  bool logs_shipped = true;  // its output has been read to the end
  std::vector<Dependency> depends_on;
};

struct PlannedTaskState {
  bool stop_wanted = false;
  bool network_ready = false;
  bool registered = false;  // load balancers or Cloud Map know it
  bool draining = false;    // deregistered, connections may still be open
  bool is_running = false;  // lastStatus RUNNING was reached
  std::vector<PlannedContainer> containers;
};

struct TaskStep {
  enum class Kind : std::uint8_t {
    create,
    start,
    stop,
    remove,
    become_running,  // every container is up: register it and say RUNNING
    deregister,
    end,      // nothing is left in Docker: STOPPED
    fail,     // stop the task because of `cause`
    give_up,  // the container will never start, because of `cause`; the others go on
    wait,     // look again at `until`
  };
  Kind kind = Kind::wait;
  std::size_t container = 0;
  TimePoint until{};
  std::string cause;
};

using TaskPlan = std::vector<TaskStep>;

TaskPlan plan_task(const PlannedTaskState& task, TimePoint now);
std::string to_text(const TaskPlan& plan, const PlannedTaskState& task);

}  // namespace local::ecs
