#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "local/action_table.hpp"
#include "local/scheduler/ecs_state.hpp"
#include "local/scheduler/service_plan.hpp"
#include "local/scheduler/task_runner.hpp"

namespace local::ecs {

// Keeps every service at its desired count: looks at tasks and targets, asks plan_service, carries
// the plan out and writes the service's events. Belongs to the control thread.
class ServiceScheduler final : public TaskObserver {
 public:
  ServiceScheduler(EcsState& state, const ActionTable& actions, TaskRunner& runner)
      : state_(state), actions_(actions), runner_(runner) {}

  // Something about the service changed: plan again soon, once for all changes of this moment.
  void kick(const std::string& service_key);
  void kick_all();

  // A new PRIMARY deployment of what `service.wire` says now; the earlier ones become ACTIVE.
  void deploy(ServiceRecord& service, std::string_view reason);
  void add_event(ServiceRecord& service, const std::string& text);

  // Called whenever a service or one of its tasks has moved on.
  void set_listener(std::function<void()> moved) { moved_ = std::move(moved); }

  void task_changed(TaskRecord& task) override;
  void task_event(const TaskRecord& task, const std::string& text) override;

 private:
  enum class TargetState : std::uint8_t { none, waiting, healthy, unhealthy };

  void run(const std::string& service_key);
  [[nodiscard]] PlannedService view(const ServiceRecord& service);
  [[nodiscard]] PlannedTask view(const ServiceRecord& service, TaskRecord& task);
  TargetState target_state(const TaskRecord& task, std::string& bad_group);
  void apply(ServiceRecord& service, const ServiceStep& step);
  void start_tasks(ServiceRecord& service, const std::string& deployment, std::int64_t count);
  void add_failure_event(ServiceRecord& service, const TaskRecord& task, const std::string& cause);
  [[nodiscard]] std::vector<api::Tag> tags_for_tasks(const ServiceRecord& service,
                                                     const api::TaskDefinition& definition) const;
  void complete(ServiceRecord& service, DeploymentRecord& deployment);
  void fail(ServiceRecord& service, DeploymentRecord& deployment);
  void roll_back(ServiceRecord& service);
  void revive(ServiceRecord& service, const std::string& id, const std::string& reason);
  void count_end(TaskRecord& task);
  void look_again(const std::string& service_key, TimePoint when);
  void finish_deletion(ServiceRecord& service);
  void tell_moved() const;

  EcsState& state_;
  const ActionTable& actions_;
  TaskRunner& runner_;
  std::function<void()> moved_;
  std::set<std::string, std::less<>> kicked_;
  std::map<std::string, TimePoint, std::less<>> next_look_;  // earliest timer of each service
  std::set<std::string, std::less<>> proven_;                // tasks that have been healthy once
};

// Wire values that are computed when somebody asks: counts, deployments.
api::Service describe(const EcsState& state, const ServiceRecord& service);

}  // namespace local::ecs
