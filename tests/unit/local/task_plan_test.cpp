#include "local/scheduler/task_plan.hpp"

#include <doctest/doctest.h>

using namespace local::ecs;

namespace {

using Phase = ContainerPhase;
using Condition = Dependency::Condition;

constexpr TimePoint kAt{std::chrono::milliseconds{5'000}};

PlannedContainer container(const char* name, Phase phase) {
  PlannedContainer out;
  out.name = name;
  out.phase = phase;
  return out;
}

std::string text_of(const PlannedTaskState& task) {
  return to_text(plan_task(task, kAt), task);
}

}  // namespace

TEST_CASE("a container is created without waiting for the network, and started with it") {
  PlannedTaskState task;
  task.containers = {container("web", Phase::none)};
  CHECK(text_of(task) == "create web: part of the task\n");
  task.containers[0].phase = Phase::created;
  CHECK(text_of(task).empty());
  task.network_ready = true;
  CHECK(text_of(task) == "start web: its dependencies are met\n");
  task.containers[0].phase = Phase::running;
  CHECK(text_of(task) == "run: every container was started\n");
}

TEST_CASE("members wait for the pause container, first to exist and then to run") {
  PlannedTaskState task;
  task.network_ready = true;
  task.containers = {container("web", Phase::none), container("pause", Phase::none)};
  task.containers[0].network_holder = 1;
  task.containers[1].holds_network = true;
  CHECK(text_of(task) == "create pause: part of the task\n");
  task.containers[1].phase = Phase::starting;
  CHECK(text_of(task) == "create web: part of the task\n");
  task.containers[0].phase = Phase::created;
  CHECK(text_of(task).empty());
  task.containers[1].phase = Phase::running;
  CHECK(text_of(task) == "start web: its dependencies are met\n");
}

TEST_CASE("dependsOn conditions") {
  PlannedTaskState task;
  task.network_ready = true;
  task.containers = {container("init", Phase::running), container("web", Phase::created)};
  task.containers[0].essential = false;
  const auto with = [&](Condition condition) {
    task.containers[1].depends_on = {{0, condition, std::nullopt}};
    return text_of(task);
  };
  CHECK(with(Condition::start).starts_with("start web"));
  CHECK(with(Condition::success).empty());
  CHECK(with(Condition::healthy).empty());
  task.containers[0].healthy = true;
  CHECK(with(Condition::healthy).starts_with("start web"));
  task.containers[0] = container("init", Phase::stopped);
  task.containers[0].essential = false;
  task.containers[0].exit_code = 0;
  CHECK(with(Condition::success).starts_with("start web"));
  CHECK(with(Condition::complete).starts_with("start web"));
  task.containers[0].exit_code = 1;
  CHECK(with(Condition::complete).starts_with("start web"));
  CHECK(
      with(Condition::success)
          .starts_with(
              "fail: CannotStartContainerError: dependency graph: failed to resolve the container ordering "
              "dependency [init] for target [web] as dependency did not exit successfully (exit code"));
  task.containers[1].essential = false;
  CHECK(with(Condition::success).starts_with("give up:"));
  task.containers[1].essential = true;
}

TEST_CASE("a dependency that takes longer than its startTimeout fails the task") {
  PlannedTaskState task;
  task.network_ready = true;
  task.containers = {container("db", Phase::running), container("web", Phase::created)};
  task.containers[1].depends_on = {{0, Condition::healthy, kAt}};
  CHECK(text_of(task).starts_with("fail:"));
  task.containers[1].depends_on = {{0, Condition::healthy, kAt + std::chrono::seconds{1}}};
  CHECK(text_of(task) == "wait: web waits for db\n");
}

TEST_CASE("the end of an essential container is the end of the task, of another it is not") {
  PlannedTaskState task;
  task.is_running = true;
  task.containers = {container("web", Phase::running), container("side", Phase::stopped)};
  task.containers[1].essential = false;
  CHECK(text_of(task).empty());
  task.containers[1].essential = true;
  CHECK(text_of(task) == "fail: Essential container in task exited\n");
}

TEST_CASE("on the way down: deregister, drain, stop dependants first, ship logs, remove, end") {
  PlannedTaskState task;
  task.stop_wanted = true;
  task.registered = true;
  task.containers = {container("db", Phase::running), container("web", Phase::running)};
  task.containers[1].depends_on = {{0, Condition::start, std::nullopt}};
  CHECK(text_of(task) == "deregister: it is to stop\n");
  task.registered = false;
  task.draining = true;
  CHECK(text_of(task).empty());
  task.draining = false;
  CHECK(text_of(task) == "stop web: nothing depends on it any more\n");
  task.containers[1].phase = Phase::stopped;
  CHECK(text_of(task) == "stop db: nothing depends on it any more\n");
  task.containers[0].phase = Phase::stopped;
  task.containers[1].logs_shipped = false;
  CHECK(text_of(task) == "remove db: the task has ended\n");
  task.containers[1].logs_shipped = true;
  task.containers[0].phase = Phase::removed;
  CHECK(text_of(task) == "remove web: the task has ended\n");
  task.containers[1].phase = Phase::removed;
  CHECK(text_of(task) == "end: nothing is left of it\n");
}

TEST_CASE("a task that is to stop waits for the call that is under way") {
  PlannedTaskState task;
  task.stop_wanted = true;
  task.containers = {container("web", Phase::starting)};
  CHECK(text_of(task).empty());
}
