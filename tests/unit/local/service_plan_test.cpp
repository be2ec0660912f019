#include "local/scheduler/service_plan.hpp"

#include <chrono>

#include <doctest/doctest.h>

using namespace local::ecs;

namespace {

constexpr util::Clock::TimePoint kNow{std::chrono::milliseconds{1'000'000}};

PlannedService service_of(std::int64_t desired) {
  PlannedService service;
  service.name = "web";
  service.desired = desired;
  service.deployments.push_back({"new", Rollout::in_progress, 0, std::nullopt});
  return service;
}

void add_task(PlannedService& service, const char* id, const char* deployment, bool healthy) {
  PlannedTask task;
  task.id = id;
  task.deployment = deployment;
  task.stage = healthy ? TaskStage::running : TaskStage::starting;
  task.healthy = healthy;
  service.tasks.push_back(task);
}

std::string plan_of(const PlannedService& service) {
  return to_text(plan_service(service, kNow));
}

}  // namespace

TEST_CASE("missing tasks are started, at once and together") {
  CHECK(plan_of(service_of(2)) == "start 2 of new: desired 2, live 0\n");
}

TEST_CASE("a deployment is complete when all its tasks are healthy") {
  PlannedService service = service_of(1);
  add_task(service, "a", "new", false);
  CHECK(plan_of(service).empty());
  service.tasks.front().stage = TaskStage::running;
  service.tasks.front().healthy = true;
  CHECK(plan_of(service) == "complete new: 1 of 1 healthy\nsteady: running equals desired\n");
}

TEST_CASE(
    "a roll with 100/200 starts the new tasks first and stops an old one for each healthy new one") {
  PlannedService service = service_of(2);
  service.deployments.push_back({"old", Rollout::completed, 0, std::nullopt});
  add_task(service, "o1", "old", true);
  add_task(service, "o2", "old", true);
  CHECK(plan_of(service) == "start 2 of new: desired 2, live 2\n");
  add_task(service, "n1", "new", true);
  add_task(service, "n2", "new", false);
  CHECK(plan_of(service) == "stop o1: Scaling activity initiated by (deployment new)\n");
}

TEST_CASE("a roll with 50/100 makes room first") {
  PlannedService service = service_of(2);
  service.minimum_percent = 50;
  service.maximum_percent = 100;
  service.deployments.push_back({"old", Rollout::completed, 0, std::nullopt});
  add_task(service, "o1", "old", true);
  add_task(service, "o2", "old", true);
  CHECK(
      plan_of(service) ==
      "stop o1: Scaling activity initiated by (deployment new)\nstart 1 of new: desired 2, live 1\n");
}

TEST_CASE("minimum percent rounds up, maximum percent down") {
  PlannedService service = service_of(3);
  service.minimum_percent = 50;
  service.maximum_percent = 150;
  service.deployments.push_back({"old", Rollout::completed, 0, std::nullopt});
  for (const char* id : {"o1", "o2", "o3"}) {
    add_task(service, id, "old", true);
  }
  // 2 must stay, at most 4 may be
  CHECK(
      plan_of(service) ==
      "stop o1: Scaling activity initiated by (deployment new)\nstart 2 of new: desired 3, live 2\n");
}

TEST_CASE(
    "an old deployment goes when its last task has gone, and only then is the new one complete") {
  PlannedService service = service_of(1);
  service.deployments.push_back({"old", Rollout::completed, 0, std::nullopt});
  add_task(service, "n", "new", true);
  add_task(service, "o", "old", true);
  service.tasks.back().stage = TaskStage::stopping;
  CHECK(plan_of(service).empty());
  service.tasks.pop_back();
  CHECK(
      plan_of(service) ==
      "retire old: no tasks left\ncomplete new: 1 of 1 healthy\nsteady: running equals desired\n");
}

TEST_CASE("a task that is unhealthy is replaced, with the reason") {
  PlannedService service = service_of(1);
  service.deployments.front().rollout = Rollout::completed;
  add_task(service, "a", "new", true);
  service.tasks.front().healthy = false;
  service.tasks.front().unhealthy = "Task failed container health checks";
  CHECK(plan_of(service) ==
        "stop a: Task failed container health checks\nstart 1 of new: desired 1, live 0\n");
}

TEST_CASE("the circuit breaker opens at half of the desired count, three at least") {
  CHECK(breaker_threshold(1) == 3);
  CHECK(breaker_threshold(9) == 5);
  CHECK(breaker_threshold(1'000) == 200);
  PlannedService service = service_of(1);
  service.breaker = true;
  service.deployments.front().failures = 2;
  CHECK(plan_of(service) == "start 1 of new: desired 1, live 0\n");
  service.deployments.front().failures = 3;
  CHECK(plan_of(service) == "fail new: 3 tasks failed, threshold 3\n");
  service.rollback = true;
  CHECK(plan_of(service) == "fail new: 3 tasks failed, threshold 3\n");
  service.has_last_completed = true;
  CHECK(plan_of(service) ==
        "fail new: 3 tasks failed, threshold 3\nroll back new: circuit breaker with rollback\n");
}

TEST_CASE("a failed deployment starts nothing more and leaves the old tasks alone") {
  PlannedService service = service_of(1);
  service.breaker = true;
  service.deployments.front() = {"new", Rollout::failed, 3, std::nullopt};
  service.deployments.push_back({"old", Rollout::completed, 0, std::nullopt});
  add_task(service, "o", "old", true);
  CHECK(plan_of(service).empty());
}

TEST_CASE("failures in a row slow the next start down") {
  CHECK(restart_delay(1, 1.0).count() == 0);
  CHECK(restart_delay(2, 1.0).count() == 4'000);
  CHECK(restart_delay(4, 0.5).count() == 8'000);
  CHECK(restart_delay(99, 1.0).count() == 900'000);
  PlannedService service = service_of(1);
  service.deployments.front().failures = 2;
  service.deployments.front().start_after = kNow + std::chrono::seconds{1};
  CHECK(plan_of(service) == "wait: back-off after 2 failures\n");
}

TEST_CASE("scaling in stops what is least useful") {
  PlannedService service = service_of(1);
  service.deployments.front().rollout = Rollout::completed;
  add_task(service, "old", "new", true);
  service.tasks.back().created_ms = 1;
  add_task(service, "young", "new", true);
  service.tasks.back().created_ms = 2;
  CHECK(plan_of(service) == "stop young: Scaling activity initiated by (deployment new)\n");
  add_task(service, "pending", "new", false);
  CHECK(plan_of(service).starts_with("stop pending"));
}

TEST_CASE("nothing is wanted of a deleted service") {
  PlannedService service = service_of(0);
  add_task(service, "a", "new", true);
  CHECK(plan_of(service) == "stop a: Scaling activity initiated by (deployment new)\n");
}
