#include <algorithm>
#include <tuple>
#include <utility>

#include "awsapi/logs.hpp"
#include "local/scheduler/container_spec.hpp"
#include "local/scheduler/pause_image.hpp"
#include "local/scheduler/task_runner.hpp"
#include "local/scheduler/task_secrets.hpp"

// TaskRunner, continued: the steps on one container. Each marks the container, lets a worker do the
// call, and takes the outcome in.
namespace local::ecs {
namespace {

using Phase = ContainerPhase;

constexpr std::chrono::milliseconds kVolumeRetry{50};

}  // namespace

void TaskRunner::create(TaskRecord& task, std::size_t index) {
  if (task.containers[index].name == kPauseContainer) {
    create_pause(task, index);
    return;
  }
  const api::TaskDefinition* definition = definition_of(task);
  const api::ContainerDefinition* container = container_definition(task, index);
  if (container == nullptr) {
    fail(task,
         index,
         "TaskFailedToStart",
         "CannotCreateContainerError: the task definition is gone");
    return;
  }
  auto secrets = resolve_secrets(*container, actions_);
  auto credentials = resolve_registry_credentials(*container, actions_);
  if (!secrets || !credentials) {
    fail(task, index, "TaskFailedToStart", !secrets ? secrets.error() : credentials.error());
    return;
  }
  auto volumes = volumes_of(
      *definition, *container, labels_of(task, *container->name), volume_prefix(task), actions_);
  if (!volumes) {
    fail(task, index, "TaskFailedToStart", volumes.error());
    return;
  }
  // One task at a time gives a volume its owner: another may have begun to write by then.
  std::vector<std::string> owned;
  for (VolumeNeed& need : volumes->needs) {
    need.is_known = state_.owned_volumes.contains(need.volume.name);
    if (need.has_owner && !need.is_known) {
      owned.push_back(need.volume.name);
    }
  }
  if (std::any_of(owned.begin(), owned.end(), [&](const std::string& name) {
        return giving_owner_.contains(name);
      })) {
    busy_.insert(busy_key(task.id, index));
    state_.context().timers.at(state_.context().now() + kVolumeRetry, [this, id = task.id, index] {
      busy_.erase(busy_key(id, index));
      advance(id);
    });
    return;
  }
  giving_owner_.insert(owned.begin(), owned.end());
  const std::vector<std::string> groups = groups_of(task);
  ContainerInputs inputs;
  inputs.name = docker_name(task, *container->name);
  inputs.labels = labels_of(task, *container->name);
  inputs.secrets = std::move(*secrets);
  inputs.region = state_.context().region;
  inputs.mounts = std::move(volumes->mounts);
  inputs.task_cpu = task.wire.cpu.value_or("");
  inputs.task_memory = task.wire.memory.value_or("");
  inputs.host_memory_bytes = host_memory_bytes_;
  const auto pause =
      std::find_if(task.containers.begin(), task.containers.end(), [](const ContainerRecord& c) {
        return c.name == kPauseContainer;
      });
  if (pause != task.containers.end()) {
    inputs.network = "container:" + pause->docker_id;
    if (definition->pid_mode == "task") {
      inputs.pid_mode = inputs.network;
    }
  } else {
    inputs.network = networks_.name_for(groups.front());
    std::tie(inputs.aliases, inputs.dns_search) = names_of(task);
  }
  const api::ContainerOverride* overrides = nullptr;
  if (task.wire.overrides) {
    for (const api::ContainerOverride& o : task.wire.overrides->container_overrides) {
      overrides = o.name == container->name ? &o : overrides;
    }
  }
  docker::ContainerSpec spec = container_spec(*container, overrides, inputs);

  task.containers[index].phase = Phase::creating;
  if (!task.wire.pull_started_at) {
    task.wire.pull_started_at = stamp(state_.context().now());
  }
  if (task.wire.last_status == "PROVISIONING") {
    set_status(task, "PENDING");
  }
  state_.save(task);
  busy_.insert(busy_key(task.id, index));
  state_.context().workers.run([this,
                                id = task.id,
                                &docker = docker_,
                                index,
                                spec = std::move(spec),
                                needs = std::move(volumes->needs),
                                owned = std::move(owned),
                                with = std::move(*credentials)] {
    auto outcome = create_in_docker(docker, spec, needs, with ? &*with : nullptr);
    return [this, id, index, owned, outcome = std::move(outcome)] {
      for (const std::string& name : owned) {
        giving_owner_.erase(name);
        if (outcome.failure.empty()) {
          state_.save_owned_volume(name);
        }
      }
      created(id, index, outcome);
    };
  });
}

void TaskRunner::create_pause(TaskRecord& task, std::size_t index) {
  docker::ContainerSpec spec;
  spec.name = docker_name(task, "pause");
  spec.image = std::string(kPauseImage);
  spec.labels = labels_of(task, std::string(kPauseContainer));
  spec.network = networks_.name_for(groups_of(task).front());
  std::tie(spec.network_aliases, spec.dns_search) = names_of(task);
  if (const api::TaskDefinition* definition = definition_of(task)) {
    spec.sysctls = network_sysctls(*definition);
  }
  spec.init = true;
  task.containers[index].phase = Phase::creating;
  state_.save(task);
  busy_.insert(busy_key(task.id, index));
  state_.context().workers.run(
      [this, id = task.id, &docker = docker_, index, spec = std::move(spec)] {
        auto outcome = create_pause_in_docker(docker, spec);
        return [this, id, index, outcome = std::move(outcome)] { created(id, index, outcome); };
      });
}

void TaskRunner::created(const std::string& task_id,
                         std::size_t index,
                         const CreateOutcome& outcome) {
  busy_.erase(busy_key(task_id, index));
  TaskRecord* task = live_task(task_id);
  if (task == nullptr) {
    return;
  }
  ContainerRecord& container = task->containers[index];
  if (container.phase != Phase::creating) {
    advance(task_id);  // Docker was restarted meanwhile and the container found by its labels
    return;
  }
  task->wire.pull_stopped_at = stamp(state_.context().now());
  if (outcome.failure.empty()) {
    container.docker_id = outcome.id;
    container.phase = Phase::created;
    if (index < task->wire.containers.size()) {
      task->wire.containers[index].runtime_id = task_id + "-" + outcome.id.substr(0, 10);
    }
    state_.save(*task);
    advance(task_id);
    return;
  }
  container.phase = Phase::none;
  state_.save(*task);
  if (outcome.wants_network && !networks_first_) {
    networks_first_ = true;
    advance(task_id);
  } else if (outcome.wants_network && !view(*task).network_ready) {
    advance(task_id);
  } else if (outcome.unreachable) {
    advance_later(task_id);
  } else {
    fail(*task, index, "TaskFailedToStart", outcome.failure);
  }
}

void TaskRunner::start_container(TaskRecord& task, std::size_t index) {
  if (const auto destination = log_destination(task, index)) {
    if (const auto ready = prepare_log_stream(task, index, *destination); !ready) {
      fail(
          task,
          index,
          "TaskFailedToStart",
          "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
          "failed to create Cloudwatch log stream: " +
              ready.error().code + ": " + ready.error().message);
      return;
    }
  }
  ContainerRecord& container = task.containers[index];
  const bool owns_network = container.name == kPauseContainer || !has_pause(task);
  std::vector<std::string> more;
  if (owns_network) {
    const std::vector<std::string> groups = groups_of(task);
    for (std::size_t i = 1; i < groups.size(); ++i) {
      more.push_back(networks_.name_for(groups[i]));
    }
  }
  container.phase = Phase::starting;
  state_.save(task);
  busy_.insert(busy_key(task.id, index));
  state_.context().workers.run([this,
                                id = task.id,
                                index,
                                &docker = docker_,
                                docker_id = container.docker_id,
                                more = std::move(more),
                                names = names_of(task).first] {
    auto outcome = start_in_docker(docker, docker_id, more, names);
    return [this, id, index, outcome = std::move(outcome)] { started(id, index, outcome); };
  });
}

util::Result<void, ApiError> TaskRunner::prepare_log_stream(const TaskRecord& task,
                                                            std::size_t index,
                                                            const LogDestination& destination) {
  const api::ContainerDefinition* definition = container_definition(task, index);
  const auto create_group = definition->log_configuration->options.find("awslogs-create-group");
  if (create_group != definition->log_configuration->options.end() &&
      create_group->second == "true") {
    awsapi::logs::CreateLogGroupRequest group;
    group.log_group_name = destination.group;
    if (const auto made = actions_.call(group);
        !made && made.error().code != "ResourceAlreadyExistsException") {
      return util::unexpected(made.error());
    }
  }
  awsapi::logs::CreateLogStreamRequest stream;
  stream.log_group_name = destination.group;
  stream.log_stream_name = destination.stream;
  if (const auto made = actions_.call(stream);
      !made && made.error().code != "ResourceAlreadyExistsException") {
    return util::unexpected(made.error());
  }
  return {};
}

void TaskRunner::started(const std::string& task_id,
                         std::size_t index,
                         const StartOutcome& outcome) {
  busy_.erase(busy_key(task_id, index));
  TaskRecord* task = live_task(task_id);
  if (task == nullptr) {
    return;
  }
  ContainerRecord& container = task->containers[index];
  if (container.phase != Phase::starting) {
    advance(task_id);
    return;
  }
  if (outcome.unreachable) {
    container.phase = Phase::created;  // starting what has started does no harm
    advance_later(task_id);
    return;
  }
  if (outcome.engine_trouble && retried_.insert(busy_key(task_id, index)).second) {
    container.phase = Phase::created;  // once more: a Docker that is going down refuses what it
                                       // will take when it is back
    advance_later(task_id);
    return;
  }
  if (!outcome.failure.empty()) {
    container.phase = Phase::stopped;
    fail(*task, index, "TaskFailedToStart", outcome.failure);
    return;
  }
  adopt(*task, index, outcome.container);
  const auto early = early_exits_.find(container.docker_id);
  if (early != early_exits_.end()) {
    const std::int64_t code = early->second;
    early_exits_.erase(early);
    on_death(*task, index, code);
    return;
  }
  advance(task_id);
}

void TaskRunner::stop_container(TaskRecord& task, std::size_t index) {
  const api::ContainerDefinition* definition = container_definition(task, index);
  const std::chrono::seconds grace =
      definition == nullptr ? std::chrono::seconds{2} : stop_timeout_of(*definition);
  task.containers[index].phase = Phase::stopping;
  state_.save(task);
  busy_.insert(busy_key(task.id, index));
  state_.context().workers.run([this,
                                id = task.id,
                                &docker = docker_,
                                index,
                                docker_id = task.containers[index].docker_id,
                                grace] {
    auto outcome = stop_in_docker(docker, docker_id, grace);
    return [this, id, index, outcome = std::move(outcome)] { stopped(id, index, outcome); };
  });
}

void TaskRunner::stopped(const std::string& task_id,
                         std::size_t index,
                         const StopOutcome& outcome) {
  busy_.erase(busy_key(task_id, index));
  TaskRecord* task = live_task(task_id);
  if (task == nullptr) {
    return;
  }
  ContainerRecord& container = task->containers[index];
  if (container.phase == Phase::stopping && !outcome.unreachable) {
    if (outcome.gone) {
      container.phase = Phase::removed;
      state_.save(*task);
    } else if (outcome.container.status == docker::ContainerStatus::running) {
      container.phase = Phase::running;  // it was not stopped; try again shortly
      advance_later(task_id);
      return;
    } else {
      on_exit(*task, index, outcome.container.exit_code, outcome.container.oom_killed);
      return;
    }
  }
  advance(task_id);
}

void TaskRunner::remove_container(TaskRecord& task, std::size_t index) {
  busy_.insert(busy_key(task.id, index));
  const std::string docker_id = task.containers[index].docker_id;
  state_.context().workers.run([this, id = task.id, &docker = docker_, index, docker_id] {
    const auto removed = docker.remove_container(docker_id);
    return [this, id, index, docker_id, ok = removed.has_value()] {
      busy_.erase(busy_key(id, index));
      TaskRecord* ended = live_task(id);
      if (ended == nullptr) {
        return;
      }
      if (!ok) {
        advance_later(id);
        return;
      }
      ended->containers[index].phase = Phase::removed;
      logs_.forget(docker_id);
      state_.save(*ended);
      advance(id);
    };
  });
}

}  // namespace local::ecs
