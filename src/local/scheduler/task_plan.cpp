#include "local/scheduler/task_plan.hpp"

#include <algorithm>
#include <utility>

namespace local::ecs {
namespace {

using Phase = ContainerPhase;
using Condition = Dependency::Condition;
using StepKind = TaskStep::Kind;

TaskStep task_step(StepKind kind, std::size_t container, std::string cause) {
  TaskStep out;
  out.kind = kind;
  out.container = container;
  out.cause = std::move(cause);
  return out;
}

bool was_started(const PlannedContainer& c) {
  return c.phase == Phase::running || c.phase == Phase::stopping || c.phase == Phase::stopped ||
         c.phase == Phase::removed;
}

bool has_ended(const PlannedContainer& c) {
  return c.phase == Phase::stopped || c.phase == Phase::removed;
}

bool exists(const PlannedContainer& c) {
  return c.phase != Phase::none && c.phase != Phase::creating && c.phase != Phase::removed;
}

enum class Readiness : std::uint8_t { ready, waiting, hopeless };

Readiness readiness(const Dependency& dependency, const PlannedContainer& on) {
  switch (dependency.condition) {
    case Condition::start: return was_started(on) ? Readiness::ready : Readiness::waiting;
    case Condition::complete: return has_ended(on) ? Readiness::ready : Readiness::waiting;
    case Condition::success:
      if (!has_ended(on)) {
        return Readiness::waiting;
      }
      return on.exit_code == 0 ? Readiness::ready : Readiness::hopeless;
    case Condition::healthy:
      if (on.healthy) {
        return Readiness::ready;
      }
      return has_ended(on) || on.unhealthy ? Readiness::hopeless : Readiness::waiting;
  }
  return Readiness::waiting;
}

std::string why_hopeless(const Dependency& dependency, const PlannedContainer& on) {
  if (dependency.condition == Condition::success) {
    return "did not exit successfully (exit code " +
           (on.exit_code ? std::to_string(*on.exit_code) : std::string("unknown")) + ")";
  }
  return has_ended(on) ? "ended before it was healthy" : "is unhealthy";
}

// The end of the task when it cannot do without the container; ECS's agent words it like this.
TaskStep give_up(const PlannedContainer& container,
                 std::size_t index,
                 const PlannedContainer& on,
                 const std::string& why) {
  return task_step(container.essential ? StepKind::fail : StepKind::give_up,
                   index,
                   "CannotStartContainerError: dependency graph: failed to resolve the container "
                   "ordering dependency [" +
                       on.name + "] for target [" + container.name + "] as dependency " + why);
}

void plan_start(const PlannedTaskState& task, std::size_t index, TimePoint now, TaskPlan& plan) {
  const PlannedContainer& container = task.containers[index];
  bool ready = task.network_ready;
  for (const Dependency& dependency : container.depends_on) {
    const PlannedContainer& on = task.containers[dependency.container];
    switch (readiness(dependency, on)) {
      case Readiness::ready: break;
      case Readiness::hopeless:
        plan.push_back(give_up(container, index, on, why_hopeless(dependency, on)));
        return;
      case Readiness::waiting:
        ready = false;
        if (dependency.give_up && *dependency.give_up <= now) {
          plan.push_back(give_up(container, index, on, "timed out"));
          return;
        }
        if (dependency.give_up) {
          TaskStep wait =
              task_step(StepKind::wait, index, container.name + " waits for " + on.name);
          wait.until = *dependency.give_up;
          plan.push_back(std::move(wait));
        }
    }
  }
  if (ready && container.network_holder) {
    ready = task.containers[*container.network_holder].phase == Phase::running;
  }
  if (ready) {
    plan.push_back(task_step(StepKind::start, index, "its dependencies are met"));
  }
}

TaskPlan plan_up(const PlannedTaskState& task, TimePoint now) {
  TaskPlan plan;
  bool all_up = !task.containers.empty();
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    const PlannedContainer& container = task.containers[i];
    if (has_ended(container) && (container.essential || container.holds_network)) {
      return {task_step(StepKind::fail, i, "Essential container in task exited")};
    }
    all_up = all_up && was_started(container);
    if (container.phase == Phase::none &&
        (!container.network_holder || exists(task.containers[*container.network_holder]))) {
      plan.push_back(task_step(StepKind::create, i, "part of the task"));
    } else if (container.phase == Phase::created) {
      plan_start(task, i, now, plan);
    }
  }
  if (all_up && !task.is_running) {
    plan.push_back(task_step(StepKind::become_running, 0, "every container was started"));
  }
  return plan;
}

// Containers that started because of this one must end before it.
bool still_needed(const PlannedTaskState& task, std::size_t index) {
  const auto alive = [](const PlannedContainer& c) {
    return c.phase == Phase::starting || c.phase == Phase::running || c.phase == Phase::stopping;
  };
  for (const PlannedContainer& other : task.containers) {
    const bool depends = std::any_of(other.depends_on.begin(),
                                     other.depends_on.end(),
                                     [&](const Dependency& d) { return d.container == index; });
    if (alive(other) && (depends || other.network_holder == index)) {
      return true;
    }
  }
  return false;
}

TaskPlan plan_down(const PlannedTaskState& task) {
  if (task.registered) {
    return {task_step(StepKind::deregister, 0, "it is to stop")};
  }
  if (task.draining) {
    return {};
  }
  TaskPlan plan;
  bool all_ended = true;
  bool gone = true;
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    const PlannedContainer& container = task.containers[i];
    if (container.phase == Phase::running && !still_needed(task, i)) {
      plan.push_back(task_step(StepKind::stop, i, "nothing depends on it any more"));
    }
    all_ended = all_ended && (has_ended(container) || container.phase == Phase::created ||
                              container.phase == Phase::none);
    gone = gone && (container.phase == Phase::removed || container.phase == Phase::none);
  }
  if (gone) {
    return {task_step(StepKind::end, 0, "nothing is left of it")};
  }
  if (all_ended) {
    for (std::size_t i = 0; i < task.containers.size(); ++i) {
      const PlannedContainer& container = task.containers[i];
      if ((container.phase == Phase::stopped || container.phase == Phase::created) &&
          container.logs_shipped) {
        plan.push_back(task_step(StepKind::remove, i, "the task has ended"));
      }
    }
  }
  return plan;
}

std::string_view kind_name(StepKind kind) {
  switch (kind) {
    case StepKind::create: return "create";
    case StepKind::start: return "start";
    case StepKind::stop: return "stop";
    case StepKind::remove: return "remove";
    case StepKind::become_running: return "run";
    case StepKind::deregister: return "deregister";
    case StepKind::end: return "end";
    case StepKind::fail: return "fail";
    case StepKind::give_up: return "give up";
    case StepKind::wait: return "wait";
  }
  return "";
}

}  // namespace

TaskPlan plan_task(const PlannedTaskState& task, TimePoint now) {
  return task.stop_wanted ? plan_down(task) : plan_up(task, now);
}

std::string to_text(const TaskPlan& plan, const PlannedTaskState& task) {
  std::string out;
  for (const TaskStep& s : plan) {
    const bool of_container = s.kind == StepKind::create || s.kind == StepKind::start ||
                              s.kind == StepKind::stop || s.kind == StepKind::remove;
    out += std::string(kind_name(s.kind)) +
           (of_container ? " " + task.containers[s.container].name : "") + ": " + s.cause + "\n";
  }
  return out;
}

}  // namespace local::ecs
