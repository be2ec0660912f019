#include "local/scheduler/task_runner.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/elbv2.hpp"
#include "local/scheduler/container_spec.hpp"
#include "util/strings.hpp"

namespace local::ecs {
namespace {

using Phase = ContainerPhase;
using StepKind = TaskStep::Kind;

constexpr std::chrono::milliseconds kDrainPoll{20};
constexpr std::chrono::hours kStoppedTasksStay{1};

Dependency::Condition condition_named(std::string_view name) {
  return name == "COMPLETE"  ? Dependency::Condition::complete
         : name == "SUCCESS" ? Dependency::Condition::success
         : name == "HEALTHY" ? Dependency::Condition::healthy
                             : Dependency::Condition::start;
}

// Docker's words without its own "Error response from daemon" framing, which only the CLI adds.
std::string docker_words(const docker::Error& error) {
  return error.message.empty() ? "Docker Engine answered " + std::to_string(error.status)
                               : error.message;
}

}  // namespace

TaskRunner::TaskRunner(EcsState& state,
                       const ActionTable& actions,
                       docker::Engine& docker,
                       InstanceRegistry& registry,
                       RunnerOptions options)
    : state_(state),
      actions_(actions),
      docker_(docker),
      registry_(registry),
      options_(std::move(options)),
      networks_(state.context(), docker, {options_.engine_id, options_.pool}),
      logs_(state, actions, docker, options_.post, [this](const std::string& container) {
        for (const auto& [id, task] : state_.tasks) {
          if (std::any_of(task.containers.begin(),
                          task.containers.end(),
                          [&](const ContainerRecord& c) { return c.docker_id == container; })) {
            advance(std::string(id));
            return;
          }
        }
      }) {}

TaskRunner::~TaskRunner() = default;

std::string TaskRunner::busy_key(const std::string& task, std::size_t index) {
  return task + "/" + std::to_string(index);
}

TaskRecord* TaskRunner::live_task(const std::string& id) {
  const auto at = state_.tasks.find(id);
  return at == state_.tasks.end() || at->second.stopped() ? nullptr : &at->second;
}

const api::TaskDefinition* TaskRunner::definition_of(const TaskRecord& task) const {
  return state_.task_definition(task.wire.task_definition_arn.value_or(""));
}

const api::ContainerDefinition* TaskRunner::container_definition(const TaskRecord& task,
                                                                 std::size_t index) const {
  const api::TaskDefinition* definition = definition_of(task);
  if (definition == nullptr) {
    return nullptr;
  }
  const auto at =
      std::find_if(definition->container_definitions.begin(),
                   definition->container_definitions.end(),
                   [&](const auto& c) { return c.name == task.containers[index].name; });
  return at == definition->container_definitions.end() ? nullptr : &*at;
}

std::vector<std::string> TaskRunner::groups_of(const TaskRecord& task) const {
  const auto& network = task.revision.network_configuration;
  if (network && network->awsvpc_configuration &&
      !network->awsvpc_configuration->security_groups.empty()) {
    return network->awsvpc_configuration->security_groups;
  }
  return {"default"};
}

docker::Labels TaskRunner::labels_of(const TaskRecord& task, const std::string& container) const {
  docker::Labels out;
  const auto put = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) {
      out[std::string(kLabelPrefix) + std::string(key)] = value;
    }
  };
  const api::TaskDefinition* definition = definition_of(task);
  put("engine", options_.engine_id);
  put("cluster", task.cluster);
  put("service", task.service);
  put("task", task.id);
  put("family", definition == nullptr ? "" : definition->family.value_or(""));
  put("container", container);
  put("deployment", task.deployment);
  return out;
}

std::string TaskRunner::docker_name(const TaskRecord& task, const std::string& container) const {
  const std::string_view definition = last_segment(*task.wire.task_definition_arn);  // "family:3"
  return "ecs-" + util::replace_all(definition, ":", "-") + "-" +
         util::replace_all(container, "~", "") + "-" + task.id.substr(task.id.size() - 12);
}

PlannedTaskState TaskRunner::view(const TaskRecord& task) const {
  PlannedTaskState out;
  out.stop_wanted = task.stop_wanted();
  out.draining = task.draining;
  out.registered = !task.instances.empty() || (!task.targets.empty() && !task.draining);
  out.is_running = task.running();
  const std::vector<std::string> groups = groups_of(task);
  out.network_ready =
      std::all_of(groups.begin(), groups.end(), [&](const auto& g) { return networks_.ready(g); });
  std::optional<std::size_t> pause;
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    if (task.containers[i].name == kPauseContainer) {
      pause = i;
    }
  }
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    const ContainerRecord& record = task.containers[i];
    PlannedContainer planned;
    planned.name = record.name;
    planned.phase = record.phase;
    planned.exit_code = record.exit_code;
    planned.healthy = record.health == "HEALTHY";
    planned.unhealthy = record.health == "UNHEALTHY";
    planned.holds_network = pause == i;
    planned.network_holder = pause == i ? std::nullopt : pause;
    if (const api::ContainerDefinition* definition = container_definition(task, i)) {
      planned.essential = definition->essential.value_or(true);
      for (const api::ContainerDependency& dependency : definition->depends_on) {
        for (std::size_t on = 0; on < task.containers.size(); ++on) {
          if (task.containers[on].name != dependency.container_name) {
            continue;
          }
          Dependency planned_dependency{on, condition_named(dependency.condition), std::nullopt};
          const api::ContainerDefinition* other = container_definition(task, on);
          if (other != nullptr && other->start_timeout && task.containers[on].started_ms > 0 &&
              planned_dependency.condition != Dependency::Condition::start) {
            planned_dependency.give_up = time_of(task.containers[on].started_ms) +
                                         std::chrono::seconds{*other->start_timeout};
          }
          planned.depends_on.push_back(planned_dependency);
        }
      }
    }
    planned.logs_shipped =
        record.started_ms == 0 || !log_destination(task, i) || logs_.shipped(record.docker_id);
    out.containers.push_back(std::move(planned));
  }
  return out;
}

void TaskRunner::advance(const std::string& task_id) {
  // A step changes the state that the next plan starts from; a plan without steps that change
  // anything ends it.
  constexpr int kMostRounds = 64;
  for (int round = 0; round < kMostRounds; ++round) {
    TaskRecord* task = live_task(task_id);
    if (task == nullptr || !connected_) {
      return;
    }
    if (!task->stop_wanted() && asked_networks_.insert(task_id).second) {
      for (const std::string& group : groups_of(*task)) {
        networks_.ensure(group, [this, task_id](const docker::Error* error) {
          TaskRecord* waiting = live_task(task_id);
          if (waiting != nullptr && error != nullptr &&
              error->kind == docker::ErrorKind::unreachable) {
            asked_networks_.erase(task_id);
          } else if (waiting != nullptr && error != nullptr) {
            stop(*waiting,
                 "TaskFailedToStart",
                 "ResourceInitializationError: failed to provision the task network: " +
                     docker_words(*error));
          } else if (waiting != nullptr) {
            advance(task_id);
          }
        });
      }
      continue;
    }
    if (task->stop_wanted() && task->targets.empty() && task->instances.empty() &&
        task->wire.last_status != "STOPPING") {
      set_status(*task, "STOPPING");
      if (observer_ != nullptr && task->wire.stop_code == "ServiceSchedulerInitiated") {
        observer_->task_event(*task, "has stopped 1 running tasks: (task " + task_id + ").");
      }
    }
    const TaskPlan plan = plan_task(view(*task), state_.context().now());
    bool acted = false;
    for (const TaskStep& step : plan) {
      if (step.kind == StepKind::wait) {
        state_.context().timers.at(step.until, [this, task_id] { advance(task_id); });
        continue;
      }
      if ((step.kind == StepKind::create && networks_first_ && !view(*task).network_ready) ||
          busy_.contains(busy_key(task_id, step.container))) {
        continue;
      }
      apply(*task, step);
      acted = true;
      task = live_task(task_id);
      if (task == nullptr || step.kind == StepKind::fail || step.kind == StepKind::end) {
        break;
      }
    }
    if (!acted) {
      return;
    }
  }
}

void TaskRunner::advance_later(const std::string& task_id) {
  state_.context().timers.at(state_.context().now() + std::chrono::seconds{1},
                             [this, task_id] { advance(task_id); });
}

void TaskRunner::apply(TaskRecord& task, const TaskStep& step) {
  switch (step.kind) {
    case StepKind::create: create(task, step.container); break;
    case StepKind::start: start_container(task, step.container); break;
    case StepKind::stop: stop_container(task, step.container); break;
    case StepKind::remove: remove_container(task, step.container); break;
    case StepKind::become_running: become_running(task); break;
    case StepKind::deregister: deregister(task); break;
    case StepKind::end: end(task); break;
    case StepKind::fail: {
      const bool exited = task.containers[step.container].phase == Phase::stopped ||
                          task.containers[step.container].phase == Phase::removed;
      if (exited) {
        stop(task, "EssentialContainerExited", step.cause);
      } else {
        fail(task, step.container, "TaskFailedToStart", step.cause);
      }
      break;
    }
    case StepKind::give_up: {
      // As the agent does: a container that was never started has ended by SIGTERM.
      constexpr std::int64_t kTerminated = 143;
      ContainerRecord& container = task.containers[step.container];
      container.phase = Phase::stopped;
      container.exit_code = kTerminated;
      api::Container& wire = task.wire.containers[step.container];
      wire.last_status = "STOPPED";
      wire.exit_code = kTerminated;
      wire.reason = step.cause;
      changed(task);
      break;
    }
    case StepKind::wait: break;
  }
}

void TaskRunner::set_status(TaskRecord& task, std::string_view status) {
  task.wire.last_status = std::string(status);
  task.wire.version = task.wire.version.value_or(1) + 1;
  state_.save(task);
}

void TaskRunner::changed(TaskRecord& task) {
  state_.save(task);
  if (observer_ != nullptr) {
    observer_->task_changed(task);
  }
}

void TaskRunner::stop(TaskRecord& task, std::string_view code, std::string reason) {
  if (task.stop_wanted()) {
    return;
  }
  task.failed_launch = !task.wire.started_at.has_value();
  task.wire.desired_status = "STOPPED";
  task.wire.stop_code = std::string(code);
  task.wire.stopped_reason = std::move(reason);
  task.wire.stopping_at = stamp(state_.context().now());
  changed(task);
  const std::string id = task.id;
  advance(id);
}

void TaskRunner::fail(TaskRecord& task,
                      std::size_t index,
                      std::string_view code,
                      std::string reason) {
  if (index < task.wire.containers.size()) {
    task.wire.containers[index].reason = reason;
    task.wire.containers[index].last_status = "STOPPED";
  }
  stop(task, code, std::move(reason));
}

void TaskRunner::become_running(TaskRecord& task) {
  set_status(task, "ACTIVATING");
  register_instances(task);
  register_targets(task);
  task.wire.started_at = stamp(state_.context().now());
  task.wire.connectivity = "CONNECTED";
  task.wire.connectivity_at = task.wire.started_at;
  set_status(task, "RUNNING");
  changed(task);
}

void TaskRunner::register_instances(TaskRecord& task) {
  if (task.containers.empty()) {
    return;
  }
  for (const api::ServiceRegistry& registry : task.revision.service_registries) {
    InstanceAttributes attributes{
        {"AWS_INSTANCE_IPV4", address_of(task)},
        {"AVAILABILITY_ZONE", task.wire.availability_zone.value_or("")},
        {"REGION", state_.context().region},
        {"ECS_CLUSTER_NAME", task.cluster},
        {"ECS_SERVICE_NAME", task.service},
        {"ECS_TASK_DEFINITION_FAMILY", definition_of(task)->family.value_or("")}};
    if (const auto port = registry.port ? registry.port : registry.container_port) {
      attributes["AWS_INSTANCE_PORT"] = std::to_string(*port);
    }
    registry_.register_instance(registry.registry_arn.value_or(""), task.id, std::move(attributes));
    task.instances.push_back(registry.registry_arn.value_or(""));
  }
}

void TaskRunner::register_targets(TaskRecord& task) {
  for (const api::LoadBalancer& balancer : task.revision.load_balancers) {
    if (!balancer.target_group_arn) {
      continue;
    }
    awsapi::elbv2::RegisterTargetsRequest request;
    request.target_group_arn = *balancer.target_group_arn;
    awsapi::elbv2::TargetDescription target;
    target.id = address_of(task);
    target.port = balancer.container_port;
    request.targets.push_back(std::move(target));
    if (const auto registered = actions_.call(request); !registered) {
      state_.context().log("task " + task.id + ": " + registered.error().code + ": " +
                           registered.error().message);
      continue;
    }
    task.targets.push_back(
        {*balancer.target_group_arn, address_of(task), balancer.container_port.value_or(0)});
    if (observer_ != nullptr) {
      observer_->task_event(
          task, "registered 1 targets in (target-group " + *balancer.target_group_arn + ")");
    }
  }
}

void TaskRunner::deregister(TaskRecord& task) {
  for (const std::string& registry : std::exchange(task.instances, {})) {
    registry_.deregister_instance(registry, task.id);
  }
  const auto say = [&](const std::string& text) {
    if (observer_ != nullptr) {
      observer_->task_event(task, text);
    }
  };
  if (!task.targets.empty()) {
    say("has begun draining connections on 1 tasks.");
  }
  for (const TargetRecord& target : task.targets) {
    awsapi::elbv2::DeregisterTargetsRequest request;
    request.target_group_arn = target.target_group;
    awsapi::elbv2::TargetDescription description;
    description.id = target.address;
    description.port = target.port;
    request.targets.push_back(std::move(description));
    if (const auto done = actions_.call(request); !done) {
      state_.context().log("task " + task.id + ": " + done.error().code + ": " +
                           done.error().message);
    }
    say("deregistered 1 targets in (target-group " + target.target_group + ")");
  }
  const bool any_running =
      std::any_of(task.containers.begin(), task.containers.end(), [](const ContainerRecord& c) {
        return c.phase == Phase::running;
      });
  if (task.targets.empty() || !any_running) {
    task.targets.clear();
    changed(task);
    return;
  }
  task.draining = true;
  set_status(task, "DEACTIVATING");
  changed(task);
  poll_drain(task.id);
}

void TaskRunner::poll_drain(const std::string& task_id) {
  TaskRecord* task = live_task(task_id);
  if (task == nullptr || !task->draining) {
    return;
  }
  const auto drained = [&](const TargetRecord& target) {
    awsapi::elbv2::DescribeTargetHealthRequest request;
    request.target_group_arn = target.target_group;
    const auto health = actions_.call(request);
    if (!health) {
      return true;  // the target group is gone
    }
    return std::none_of(health->target_health_descriptions.begin(),
                        health->target_health_descriptions.end(),
                        [&](const awsapi::elbv2::TargetHealthDescription& d) {
                          return d.target && d.target->id == target.address &&
                                 d.target->port == target.port;
                        });
  };
  const bool any_running =
      std::any_of(task->containers.begin(), task->containers.end(), [](const ContainerRecord& c) {
        return c.phase == Phase::running;
      });
  std::erase_if(task->targets, drained);
  if (!any_running || task->targets.empty()) {
    task->targets.clear();
    task->draining = false;
    state_.save(*task);
    advance(task_id);
    return;
  }
  state_.context().timers.at(state_.context().now() + kDrainPoll,
                             [this, task_id] { poll_drain(task_id); });
}

void TaskRunner::end(TaskRecord& task) {
  set_status(task, "DEPROVISIONING");
  const auto now = stamp(state_.context().now());
  if (!task.wire.execution_stopped_at) {
    task.wire.execution_stopped_at = now;
  }
  task.wire.stopped_at = now;
  for (api::Attachment& attachment : task.wire.attachments) {
    attachment.status = "DELETED";
  }
  for (api::Container& container : task.wire.containers) {
    container.last_status = "STOPPED";
  }
  set_status(task, "STOPPED");
  asked_networks_.erase(task.id);
  std::erase_if(retried_, [&](const std::string& key) { return key.starts_with(task.id); });
  remove_scratch(task);
  forget_later(task.id, state_.context().now() + kStoppedTasksStay);
  changed(task);
  collect_networks();
}

// Volumes that lived as long as the task.
void TaskRunner::remove_scratch(const TaskRecord& task) {
  const api::TaskDefinition* definition = definition_of(task);
  if (definition == nullptr || definition->volumes.empty()) {
    return;
  }
  state_.context().workers.run(
      [&docker = docker_,
       names = scratch_volumes(*definition, volume_prefix(task))]() -> Workers::Continuation {
        for (const std::string& name : names) {
          [[maybe_unused]] const auto removed = docker.remove_volume(name);
        }
        return {};
      });
}

std::string TaskRunner::volume_prefix(const TaskRecord& task) {
  return "docker-ecs-" + task.id + "-";
}

void TaskRunner::forget_later(const std::string& task_id, TimePoint when) {
  state_.context().timers.at(when, [this, task_id] {
    const auto at = state_.tasks.find(task_id);
    if (at != state_.tasks.end() && at->second.stopped()) {
      state_.forget_task(task_id);
    }
  });
}

void TaskRunner::collect_networks() {
  std::set<std::string, std::less<>> used;
  for (const auto& [id, task] : state_.tasks) {
    if (!task.stopped()) {
      const std::vector<std::string> groups = groups_of(task);
      used.insert(groups.begin(), groups.end());
    }
  }
  for (const auto& [key, service] : state_.services) {
    if (service.active() && service.wire.desired_count.value_or(0) > 0 &&
        service.wire.network_configuration &&
        service.wire.network_configuration->awsvpc_configuration) {
      const auto& groups =
          service.wire.network_configuration->awsvpc_configuration->security_groups;
      used.insert(groups.begin(), groups.end());
      if (groups.empty()) {
        used.insert("default");
      }
    }
  }
  networks_.keep_only(used);
}

}  // namespace local::ecs
