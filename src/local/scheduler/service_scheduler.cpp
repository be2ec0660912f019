#include "local/scheduler/service_scheduler.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/elbv2.hpp"
#include "local/scheduler/new_task.hpp"

namespace local::ecs {
namespace {

using Kind = ServiceStep::Kind;

constexpr std::size_t kMostEvents = 100;
constexpr std::size_t kMostHistory = 100;
constexpr std::int64_t kInconsistent = 3;  // failures in a row after which the service says so
constexpr double kSettleMs =
    40'000;  // without a health check a task counts after it ran this long (times the scale)
constexpr std::chrono::milliseconds kTargetPoll{15};      // while something is expected to change
constexpr std::chrono::milliseconds kTargetWatch{1'000};  // afterwards
// How long a target that has never been healthy may take to become so. An application's start-up
// time is not AWS's time, so this is scaled less than everything else: 30 s where AWS's default
// health check takes 90. A deployment whose tasks did not make it gets less patience each time.
constexpr double kStartupGraceMs = 1'200'000;
constexpr double kLongestGraceMs = 90'000;
constexpr std::int64_t kMostHalvings = 4;

std::chrono::milliseconds startup_grace(std::int64_t failures, double scale) {
  double grace = std::min(kStartupGraceMs * scale, kLongestGraceMs);
  for (std::int64_t i = 0; i < std::min(failures, kMostHalvings); ++i) {
    grace /= 2;
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(grace)};
}

Rollout rollout_of(const DeploymentRecord& deployment) {
  return deployment.wire.rollout_state == "COMPLETED" ? Rollout::completed
         : deployment.wire.rollout_state == "FAILED"  ? Rollout::failed
                                                      : Rollout::in_progress;
}

bool has_health_check(const api::TaskDefinition& definition) {
  return std::any_of(definition.container_definitions.begin(),
                     definition.container_definitions.end(),
                     [](const api::ContainerDefinition& c) {
                       return c.health_check && c.essential.value_or(true) &&
                              !c.health_check->command.empty() &&
                              c.health_check->command.front() != "NONE";
                     });
}

// `Service` is const or not, and so is the answer.
template <class Service>
auto find_deployment(Service& service, std::string_view id) -> decltype(&service.deployments[0]) {
  const auto at = std::find_if(service.deployments.begin(),
                               service.deployments.end(),
                               [&](const DeploymentRecord& d) { return d.wire.id == id; });
  return at == service.deployments.end() ? nullptr : &*at;
}

api::ServiceDeployment* history_of(ServiceRecord& service, std::string_view deployment) {
  const std::string_view digits = last_segment(deployment);
  const auto at = std::find_if(
      service.history.begin(), service.history.end(), [&](const api::ServiceDeployment& d) {
        return d.service_deployment_arn && last_segment(*d.service_deployment_arn) == digits;
      });
  return at == service.history.end() ? nullptr : &*at;
}

bool belongs_to(const TaskRecord& task, const ServiceRecord& service) {
  return task.service == service.name() && task.cluster == service.cluster;
}

}  // namespace

void ServiceScheduler::kick(const std::string& service_key) {
  if (kicked_.insert(service_key).second) {
    state_.context().timers.at(state_.context().now(), [this, service_key] {
      kicked_.erase(service_key);
      run(service_key);
    });
  }
}

void ServiceScheduler::kick_all() {
  for (const auto& [key, service] : state_.services) {
    if (service.wire.status != "INACTIVE") {
      kick(key);
    }
  }
}

void ServiceScheduler::look_again(const std::string& service_key, TimePoint when) {
  const auto at = next_look_.find(service_key);
  if (at != next_look_.end() && at->second <= when) {
    return;
  }
  next_look_[service_key] = when;
  state_.context().timers.at(when, [this, service_key, when] {
    const auto current = next_look_.find(service_key);
    if (current != next_look_.end() && current->second == when) {
      next_look_.erase(current);
      kick(service_key);
    }
  });
}

void ServiceScheduler::add_event(ServiceRecord& service, const std::string& text) {
  api::ServiceEvent event;
  event.id = state_.context().ids.uuid();
  event.created_at = stamp(state_.context().now());
  event.message = "(service " + service.name() + ") " + text;
  service.wire.events.insert(service.wire.events.begin(), std::move(event));
  if (service.wire.events.size() > kMostEvents) {
    service.wire.events.resize(kMostEvents);
  }
  state_.save(service);
}

void ServiceScheduler::task_event(const TaskRecord& task, const std::string& text) {
  const auto at = state_.services.find(task.cluster + "/" + task.service);
  if (!task.service.empty() && at != state_.services.end()) {
    add_event(at->second, text);
  }
}

void ServiceScheduler::task_changed(TaskRecord& task) {
  if (task.service.empty()) {
    return;
  }
  if (task.stop_wanted() && !task.counted) {
    count_end(task);
  }
  if (task.stopped()) {
    proven_.erase(task.id);
  }
  tell_moved();
  kick(task.cluster + "/" + task.service);
}

void ServiceScheduler::tell_moved() const {
  if (moved_) {
    moved_();
  }
}

// A task that ends by itself counts against its deployment; one that the scheduler did not want any
// more does not.
void ServiceScheduler::count_end(TaskRecord& task) {
  task.counted = true;
  state_.save(task);
  const bool unwanted = task.wire.stop_code == "ServiceSchedulerInitiated" &&
                        !task.wire.stopped_reason.value_or("").starts_with("Task failed");
  const auto at = state_.services.find(task.cluster + "/" + task.service);
  if (unwanted || task.wire.stop_code == "UserInitiated" || at == state_.services.end()) {
    return;
  }
  ServiceRecord& service = at->second;
  if (DeploymentRecord* deployment = find_deployment(service, task.deployment)) {
    ++deployment->failures;
    deployment->last_failure_ms = millis(state_.context().now());
    deployment->wire.failed_tasks = deployment->wire.failed_tasks.value_or(0) + 1;
    deployment->wire.updated_at = stamp(state_.context().now());
    service.steady = false;
    if (deployment->failures == kInconsistent) {
      add_event(
          service,
          "is unable to consistently start tasks successfully. For more information, see the Troubleshooting "
          "section of the Amazon ECS Developer Guide.");
    }
    state_.save(service);
  }
}

void ServiceScheduler::deploy(ServiceRecord& service, std::string_view reason) {
  const auto now = stamp(state_.context().now());
  for (DeploymentRecord& deployment : service.deployments) {
    deployment.wire.status = "ACTIVE";
    if (api::ServiceDeployment* history = history_of(service, *deployment.wire.id);
        history != nullptr && history->status == "IN_PROGRESS") {
      history->status = "STOPPED";
      history->stopped_at = now;
      history->finished_at = now;
    }
  }
  DeploymentRecord fresh;
  const std::string digits = state_.new_digits(19);
  api::Deployment& wire = fresh.wire;
  wire.id = "ecs-svc/" + digits;
  wire.status = "PRIMARY";
  wire.task_definition = service.wire.task_definition;
  wire.desired_count = service.wire.desired_count;
  wire.failed_tasks = 0;
  wire.created_at = now;
  wire.updated_at = now;
  wire.launch_type = service.wire.launch_type;
  wire.platform_version = "1.4.0";
  wire.platform_family = "Linux";
  wire.network_configuration = service.wire.network_configuration;
  wire.service_connect_configuration = service.connect;
  wire.rollout_state = "IN_PROGRESS";
  wire.rollout_state_reason =
      reason.empty() ? "ECS deployment " + *wire.id + " in progress." : std::string(reason);
  fresh.revision.task_definition = service.wire.task_definition;
  fresh.revision.network_configuration = service.wire.network_configuration;
  fresh.revision.load_balancers = service.wire.load_balancers;
  fresh.revision.service_registries = service.wire.service_registries;
  fresh.revision.launch_type = service.wire.launch_type;
  fresh.revision.platform_version = service.wire.platform_version;
  fresh.revision.capacity_provider_strategy = service.wire.capacity_provider_strategy;
  service.deployments.insert(service.deployments.begin(), std::move(fresh));

  api::ServiceDeployment history;
  history.service_deployment_arn = state_.context().arn(
      "ecs", "service-deployment/" + service.cluster + "/" + service.name() + "/" + digits);
  history.service_arn = service.wire.service_arn;
  history.cluster_arn = service.wire.cluster_arn;
  history.created_at = now;
  history.started_at = now;
  history.updated_at = now;
  history.status = "IN_PROGRESS";
  history.deployment_configuration = service.wire.deployment_configuration;
  history.target_service_revision = api::ServiceRevisionSummary{};
  history.target_service_revision->arn = state_.context().arn(
      "ecs", "service-revision/" + service.cluster + "/" + service.name() + "/" + digits);
  service.wire.current_service_deployment = history.service_deployment_arn;
  service.history.insert(service.history.begin(), std::move(history));
  if (service.history.size() > kMostHistory) {
    service.history.resize(kMostHistory);
  }
  service.steady = false;
  state_.save(service);
  kick(service.key());
}

ServiceScheduler::TargetState ServiceScheduler::target_state(const TaskRecord& task,
                                                             std::string& bad_group) {
  TargetState worst = TargetState::none;
  for (const TargetRecord& target : task.targets) {
    awsapi::elbv2::DescribeTargetHealthRequest request;
    request.target_group_arn = target.target_group;
    const auto answer = actions_.call(request);
    TargetState one = TargetState::waiting;
    if (!answer) {
      one = TargetState::healthy;  // the target group is gone: nothing can be expected of it
    } else {
      for (const auto& description : answer->target_health_descriptions) {
        if (description.target && description.target->id == target.address &&
            description.target->port == target.port && description.target_health) {
          const std::string state = description.target_health->state.value_or("");
          one = state == "healthy"     ? TargetState::healthy
                : state == "unhealthy" ? TargetState::unhealthy
                                       : TargetState::waiting;
        }
      }
    }
    if (one == TargetState::unhealthy) {
      bad_group = target.target_group;
      return one;
    }
    if (worst == TargetState::none || one == TargetState::waiting) {
      worst = one;
    }
  }
  return worst;
}

PlannedTask ServiceScheduler::view(const ServiceRecord& service, TaskRecord& task) {
  const TimePoint now = state_.context().now();
  PlannedTask out;
  out.id = task.id;
  out.deployment = task.deployment;
  out.created_ms = task.wire.created_at.value_or(stamp(now)).millis;
  out.stage = task.stop_wanted() ? TaskStage::stopping
              : task.running()   ? TaskStage::running
                                 : TaskStage::starting;
  if (out.stage != TaskStage::running) {
    return out;
  }
  const TimePoint started = time_of(task.wire.started_at->millis);
  const auto grace =
      std::chrono::seconds{service.wire.health_check_grace_period_seconds.value_or(0)};
  const bool in_grace = now < started + grace;
  std::string bad_group;
  const TargetState target = target_state(task, bad_group);
  const api::TaskDefinition* definition = state_.task_definition(*task.wire.task_definition_arn);
  const bool checks = definition != nullptr && has_health_check(*definition);
  if (checks && task.wire.health_status == "UNHEALTHY" && !in_grace) {
    out.unhealthy = "Task failed container health checks";
    return out;
  }
  const DeploymentRecord* deployment = find_deployment(service, task.deployment);
  const auto patience =
      startup_grace(deployment == nullptr ? 0 : deployment->failures, state_.context().time_scale);
  if (target == TargetState::unhealthy && !in_grace &&
      (proven_.contains(task.id) || now >= started + patience)) {
    out.unhealthy = "Task failed ELB health checks in (target-group " + bad_group + ")";
    return out;
  }
  out.healthy = (!checks || task.wire.health_status == "HEALTHY") &&
                (target == TargetState::none || target == TargetState::healthy);
  if (!checks && target == TargetState::none) {
    const TimePoint settled = started + std::chrono::milliseconds{static_cast<std::int64_t>(
                                            kSettleMs * state_.context().time_scale)};
    out.healthy = now >= settled;
    if (!out.healthy) {
      look_again(service.key(), settled);
    }
  } else if (!task.targets.empty()) {
    look_again(service.key(), now + (out.healthy ? kTargetWatch : kTargetPoll));
  }
  return out;
}

PlannedService ServiceScheduler::view(const ServiceRecord& service) {
  PlannedService out;
  out.name = service.name();
  out.desired = service.active() ? service.wire.desired_count.value_or(0) : 0;
  if (service.wire.deployment_configuration) {
    const api::DeploymentConfiguration& configuration = *service.wire.deployment_configuration;
    out.minimum_percent = configuration.minimum_healthy_percent.value_or(100);
    out.maximum_percent = configuration.maximum_percent.value_or(200);
    if (configuration.deployment_circuit_breaker) {
      out.breaker = configuration.deployment_circuit_breaker->enable;
      out.rollback = configuration.deployment_circuit_breaker->rollback;
    }
  }
  out.has_last_completed = service.last_completed.has_value();
  out.steady_announced = service.steady;
  for (const DeploymentRecord& deployment : service.deployments) {
    PlannedDeployment planned;
    planned.id = *deployment.wire.id;
    planned.rollout = rollout_of(deployment);
    planned.failures = deployment.failures;
    if (deployment.failures > 0) {
      planned.start_after = time_of(deployment.last_failure_ms) +
                            restart_delay(deployment.failures, state_.context().time_scale);
    }
    out.deployments.push_back(std::move(planned));
  }
  for (auto& [id, task] : state_.tasks) {
    if (belongs_to(task, service) && !task.stopped()) {
      out.tasks.push_back(view(service, task));
    }
  }
  return out;
}

void ServiceScheduler::run(const std::string& service_key) {
  const auto at = state_.services.find(service_key);
  if (at == state_.services.end() || at->second.wire.status == "INACTIVE") {
    return;
  }
  ServiceRecord& service = at->second;
  const PlannedService planned = view(service);
  for (const PlannedTask& task : planned.tasks) {
    DeploymentRecord* deployment = find_deployment(service, task.deployment);
    if (task.healthy && proven_.insert(task.id).second && deployment != nullptr &&
        deployment->failures > 0) {
      deployment->failures = 0;
      state_.save(service);
    }
  }
  const SchedulerPlan plan = plan_service(planned, state_.context().now());
  const bool quiet = std::all_of(
      plan.begin(), plan.end(), [](const ServiceStep& s) { return s.kind == Kind::wait; });
  if (!quiet) {
    state_.context().log("service " + service_key + " plan:\n" + to_text(plan));
    tell_moved();
  }
  for (const ServiceStep& step : plan) {
    apply(service, step);
  }
  finish_deletion(service);
}

void ServiceScheduler::apply(ServiceRecord& service, const ServiceStep& step) {
  DeploymentRecord* deployment = find_deployment(service, step.deployment);
  switch (step.kind) {
    case Kind::start_tasks: start_tasks(service, step.deployment, step.count); break;
    case Kind::stop_task: {
      const auto task = state_.tasks.find(step.task);
      if (task != state_.tasks.end()) {
        add_failure_event(service, task->second, step.cause);
        runner_.stop(task->second, "ServiceSchedulerInitiated", step.cause);
      }
      break;
    }
    case Kind::complete_deployment:
      if (deployment != nullptr) {
        complete(service, *deployment);
      }
      break;
    case Kind::retire_deployment:
      std::erase_if(service.deployments,
                    [&](const DeploymentRecord& d) { return d.wire.id == step.deployment; });
      state_.save(service);
      kick(service.key());
      break;
    case Kind::fail_deployment:
      if (deployment != nullptr) {
        fail(service, *deployment);
      }
      break;
    case Kind::roll_back: roll_back(service); break;
    case Kind::announce_steady:
      service.steady = true;
      add_event(service, "has reached a steady state.");
      break;
    case Kind::wait: look_again(service.key(), step.until); break;
  }
}

// What a task that is replaced for its health did wrong, in the service's events.
void ServiceScheduler::add_failure_event(ServiceRecord& service,
                                         const TaskRecord& task,
                                         const std::string& cause) {
  constexpr std::string_view kBalancer = "Task failed ELB health checks in ";
  if (cause.starts_with(kBalancer)) {
    const std::string group = cause.substr(kBalancer.size());
    const std::string port =
        task.targets.empty() ? "" : " (port " + std::to_string(task.targets.front().port) + ")";
    add_event(service,
              "(task " + task.id + ")" + port + " is unhealthy in " + group +
                  " due to (reason Health checks failed).");
  } else if (cause.starts_with("Task failed")) {
    add_event(service, "(task " + task.id + ") failed container health checks.");
  }
}

std::vector<api::Tag> ServiceScheduler::tags_for_tasks(
    const ServiceRecord& service,
    const api::TaskDefinition& definition) const {
  std::vector<api::Tag> out;
  if (service.wire.propagate_tags == "SERVICE") {
    out = service.wire.tags;
  } else if (service.wire.propagate_tags == "TASK_DEFINITION") {
    const auto tags = state_.task_definition_tags.find(*definition.task_definition_arn);
    out = tags == state_.task_definition_tags.end() ? out : tags->second;
  }
  if (service.wire.enable_ecs_managed_tags.value_or(false)) {
    out.push_back(api::Tag{"aws:ecs:clusterName", service.cluster});
    out.push_back(api::Tag{"aws:ecs:serviceName", service.name()});
  }
  return out;
}

void ServiceScheduler::start_tasks(ServiceRecord& service,
                                   const std::string& deployment_id,
                                   std::int64_t count) {
  const DeploymentRecord* deployment = find_deployment(service, deployment_id);
  const api::TaskDefinition* definition =
      deployment == nullptr ? nullptr
                            : state_.task_definition(deployment->wire.task_definition.value_or(""));
  if (definition == nullptr) {
    return;
  }
  std::vector<std::string> ids;
  std::string names;
  for (std::int64_t i = 0; i < count; ++i) {
    NewTask task;
    task.cluster = service.cluster;
    task.definition = definition;
    task.service = service.name();
    task.deployment = deployment_id;
    task.revision = deployment->revision;
    task.group = "service:" + service.name();
    task.started_by = deployment_id;
    task.execute_command = service.wire.enable_execute_command.value_or(false);
    task.ordinal = state_.tasks.size();
    task.tags = tags_for_tasks(service, *definition);
    const TaskRecord& record = make_task(state_, actions_, std::move(task));
    ids.push_back(record.id);
    names += (names.empty() ? "(task " : " (task ") + record.id + ")";
  }
  service.steady = false;
  add_event(service, "has started " + std::to_string(count) + " tasks: " + names + ".");
  for (const std::string& id : ids) {
    runner_.advance(id);
  }
}

void ServiceScheduler::complete(ServiceRecord& service, DeploymentRecord& deployment) {
  const auto now = stamp(state_.context().now());
  deployment.wire.rollout_state = "COMPLETED";
  deployment.wire.rollout_state_reason = "ECS deployment " + *deployment.wire.id + " completed.";
  deployment.wire.updated_at = now;
  deployment.failures = 0;
  service.last_completed = deployment;
  if (api::ServiceDeployment* history = history_of(service, *deployment.wire.id)) {
    history->status =
        history->status == "ROLLBACK_IN_PROGRESS" ? "ROLLBACK_SUCCESSFUL" : "SUCCESSFUL";
    history->finished_at = now;
    history->updated_at = now;
  }
  add_event(service, "(deployment " + *deployment.wire.id + ") deployment completed.");
}

void ServiceScheduler::fail(ServiceRecord& service, DeploymentRecord& deployment) {
  const auto now = stamp(state_.context().now());
  deployment.wire.rollout_state = "FAILED";
  deployment.wire.rollout_state_reason = "ECS deployment circuit breaker: tasks failed to start.";
  deployment.wire.updated_at = now;
  if (api::ServiceDeployment* history = history_of(service, *deployment.wire.id)) {
    history->status = "STOPPED";
    history->status_reason = deployment.wire.rollout_state_reason;
    history->stopped_at = now;
    history->finished_at = now;
    history->deployment_circuit_breaker = api::ServiceDeploymentCircuitBreaker{};
    history->deployment_circuit_breaker->status = "TRIGGERED";
    history->deployment_circuit_breaker->failure_count = deployment.failures;
    history->deployment_circuit_breaker->threshold =
        breaker_threshold(service.wire.desired_count.value_or(0));
  }
  add_event(service,
            "(deployment " + *deployment.wire.id + ") deployment failed: tasks failed to start.");
  kick(service.key());
}

void ServiceScheduler::roll_back(ServiceRecord& service) {
  const DeploymentRecord good = *service.last_completed;
  service.wire.task_definition = good.revision.task_definition;
  service.wire.network_configuration = good.revision.network_configuration;
  service.wire.load_balancers = good.revision.load_balancers;
  service.wire.service_registries = good.revision.service_registries;
  service.connect = good.wire.service_connect_configuration;
  add_event(service, "rolling back to deployment " + *good.wire.id + ".");
  const std::string reason =
      "ECS deployment circuit breaker: rolling back to deploymentId " + *good.wire.id + ".";
  if (find_deployment(service, *good.wire.id) != nullptr) {
    revive(service, *good.wire.id, reason);
  } else {
    deploy(service, reason);
  }
}

// The deployment whose tasks still run is the primary one again, so that they are the ones that
// stay.
void ServiceScheduler::revive(ServiceRecord& service,
                              const std::string& id,
                              const std::string& reason) {
  const auto now = stamp(state_.context().now());
  DeploymentRecord revived = *find_deployment(service, id);
  std::erase_if(service.deployments, [&](const DeploymentRecord& d) { return d.wire.id == id; });
  for (DeploymentRecord& other : service.deployments) {
    other.wire.status = "ACTIVE";
  }
  revived.wire.status = "PRIMARY";
  revived.wire.rollout_state = "IN_PROGRESS";
  revived.wire.rollout_state_reason = reason;
  revived.wire.updated_at = now;
  revived.failures = 0;
  service.deployments.insert(service.deployments.begin(), std::move(revived));
  if (const api::ServiceDeployment* history = history_of(service, id)) {
    service.wire.current_service_deployment = history->service_deployment_arn;
  }
  service.steady = false;
  state_.save(service);
  kick(service.key());
}

void ServiceScheduler::finish_deletion(ServiceRecord& service) {
  if (service.wire.status != "DRAINING") {
    return;
  }
  const bool any_left =
      std::any_of(state_.tasks.begin(), state_.tasks.end(), [&](const auto& entry) {
        return belongs_to(entry.second, service) && !entry.second.stopped();
      });
  if (!any_left) {
    service.wire.status = "INACTIVE";
    service.deployments.clear();
    state_.save(service);
    tell_moved();
    runner_.collect_networks();
  }
}

api::Service describe(const EcsState& state, const ServiceRecord& service) {
  api::Service out = service.wire;
  out.running_count = 0;
  out.pending_count = 0;
  out.deployments.clear();
  for (const DeploymentRecord& deployment : service.deployments) {
    api::Deployment wire = deployment.wire;
    wire.running_count = 0;
    wire.pending_count = 0;
    wire.desired_count = deployment.primary() ? service.wire.desired_count.value_or(0) : 0;
    for (const auto& [id, task] : state.tasks) {
      if (belongs_to(task, service) && task.deployment == wire.id && !task.stop_wanted()) {
        ++(task.running() ? *wire.running_count : *wire.pending_count);
      }
    }
    *out.running_count += *wire.running_count;
    *out.pending_count += *wire.pending_count;
    out.deployments.push_back(std::move(wire));
  }
  return out;
}

}  // namespace local::ecs
