#include <algorithm>
#include <utility>

#include "local/scheduler/container_spec.hpp"
#include "local/scheduler/task_runner.hpp"
#include "util/strings.hpp"

// TaskRunner, continued: what Docker tells. A connection is a subscription to events followed by
// one listing; between them nothing is missed.
namespace local::ecs {
namespace {

using Phase = ContainerPhase;

constexpr std::chrono::milliseconds kReconnect{250};
constexpr std::int64_t kKilled = 137;  // 128 + SIGKILL
constexpr std::chrono::milliseconds kFirstProbe{50};
constexpr std::chrono::milliseconds kLongestProbeDelay{2'000};

std::string_view label(const docker::Labels& labels, std::string_view key) {
  const auto at = labels.find(std::string(kLabelPrefix) + std::string(key));
  return at == labels.end() ? std::string_view{} : std::string_view(at->second);
}

std::optional<std::size_t> index_of(const TaskRecord& task, std::string_view container) {
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    if (task.containers[i].name == container) {
      return i;
    }
  }
  return std::nullopt;
}

// What clients of Service Connect call the service; on AWS a proxy in each task answers to them.
std::vector<std::string> connect_names(const api::ServiceConnectConfiguration& configuration) {
  std::vector<std::string> out;
  if (!configuration.enabled) {
    return out;
  }
  const std::string name_space = std::string(last_segment(configuration.namespace_.value_or("")));
  for (const api::ServiceConnectService& service : configuration.services) {
    const std::string name = service.discovery_name.value_or(service.port_name);
    out.push_back(name);
    if (!name_space.empty()) {
      out.push_back(name + "." + name_space);
    }
    for (const api::ServiceConnectClientAlias& alias : service.client_aliases) {
      if (alias.dns_name && *alias.dns_name != name) {
        out.push_back(*alias.dns_name);
      }
    }
  }
  return out;
}

bool is_up(docker::ContainerStatus status) {
  return status == docker::ContainerStatus::running || status == docker::ContainerStatus::paused ||
         status == docker::ContainerStatus::restarting;
}

}  // namespace

void TaskRunner::start() {
  const TimePoint now = state_.context().now();
  for (const auto& [id, task] : state_.tasks) {
    if (task.stopped()) {
      const std::int64_t ended = task.wire.stopped_at.value_or(stamp(now)).millis;
      forget_later(id, time_of(ended) + std::chrono::hours{1});
    }
  }
  connect();
}

void TaskRunner::connect() {
  const std::uint64_t connection = ++connection_;
  const std::string mine = std::string(kLabelPrefix) + "engine=" + options_.engine_id;
  const auto post = options_.post;
  events_.reset();
  events_ = docker_.watch_events(
      {mine},
      last_event_nanos_ == 0 ? 0 : last_event_nanos_ + 1,
      [this, post, connection, mine] {
        post([this, connection, mine] {
          state_.context().workers.run(
              [this, connection, mine, &docker = docker_, ask = host_memory_bytes_ == 0] {
                const auto info =
                    ask ? docker.info() : docker::Result<docker::Info>(docker::Info{});
                auto containers = docker.list_containers({mine});
                auto networks = docker.list_networks();
                auto volumes = docker.list_volumes({mine, std::string(kLabelPrefix) + "task"});
                return [this,
                        connection,
                        memory = info ? info->memory_bytes : 0,
                        containers = std::move(containers),
                        networks = std::move(networks),
                        volumes = std::move(volumes)] {
                  if (connection != connection_) {
                    return;
                  }
                  if (!containers || !networks) {
                    disconnected();
                    return;
                  }
                  if (memory > 0) {
                    host_memory_bytes_ = memory;
                  }
                  connected_ = true;
                  reconcile(*containers, *networks);
                  if (volumes) {
                    remove_stray_volumes(*volumes);
                  }
                };
              });
        });
      },
      [this, post, connection](docker::Event event) {
        post([this, connection, event = std::move(event)] {
          if (connection == connection_) {
            on_event(event);
          }
        });
      },
      [this, post, connection](const docker::Error* /*error*/) {
        post([this, connection] {
          if (connection == connection_) {
            disconnected();
          }
        });
      });
}

void TaskRunner::disconnected() {
  if (connected_) {
    state_.context().log("Docker Engine went away; waiting for it");
  }
  connected_ = false;
  state_.context().timers.at(state_.context().now() + kReconnect, [this, connection = connection_] {
    if (connection == connection_) {
      connect();
    }
  });
}

void TaskRunner::reconcile(const std::vector<docker::Container>& containers,
                           const std::vector<docker::Network>& networks) {
  networks_.observe(networks);
  asked_networks_.clear();
  std::set<std::string, std::less<>> seen;  // "task/index"
  for (const docker::Container& container : containers) {
    TaskRecord* task = live_task(std::string(label(container.labels, "task")));
    const auto index =
        task == nullptr ? std::nullopt : index_of(*task, label(container.labels, "container"));
    if (!index) {
      remove_stray(container);
      continue;
    }
    const std::string key = busy_key(task->id, *index);
    seen.insert(key);
    if (!busy_.contains(key)) {
      adopt(*task, *index, container);
    }
  }
  std::vector<std::string> ids;
  for (auto& [id, task] : state_.tasks) {
    if (!task.stopped()) {
      ids.push_back(id);
    }
  }
  for (const std::string& id : ids) {
    for (std::size_t i = 0;; ++i) {
      TaskRecord* task = live_task(id);
      if (task == nullptr || i >= task->containers.size()) {
        break;
      }
      ContainerRecord& container = task->containers[i];
      if (seen.contains(busy_key(id, i)) || busy_.contains(busy_key(id, i))) {
        continue;
      }
      if (container.phase == Phase::creating || container.phase == Phase::created) {
        container.phase = Phase::none;
        container.docker_id.clear();
      } else if (container.phase == Phase::running || container.phase == Phase::starting ||
                 container.phase == Phase::stopping) {
        on_exit(*task, i, container.exit_code.value_or(kKilled), false);
        container.phase = Phase::removed;  // not in the listing any more
      } else if (container.phase == Phase::stopped) {
        container.phase = Phase::removed;
      }
    }
    if (TaskRecord* task = live_task(id)) {
      state_.save(*task);
      if (task->draining) {
        poll_drain(id);
      }
    }
    advance(id);
  }
  collect_networks();
}

void TaskRunner::adopt(TaskRecord& task, std::size_t index, const docker::Container& container) {
  ContainerRecord& record = task.containers[index];
  record.docker_id = container.id;
  if (container.status == docker::ContainerStatus::created) {
    record.phase = Phase::created;
    state_.save(task);
    return;
  }
  const bool first = record.started_ms == 0;
  if (first) {
    const std::int64_t nanos = parse_docker_time(container.started_at);
    record.started_ms = nanos > 0 ? nanos / 1'000'000 : millis(state_.context().now());
  }
  take_addresses(task, container);
  follow_logs(task, index);
  if (is_up(container.status)) {
    record.phase = Phase::running;
    if (index < task.wire.containers.size()) {
      task.wire.containers[index].last_status = "RUNNING";
      task.wire.containers[index].image_digest = container.image_id;
    }
    if (container.health == docker::Health::healthy) {
      set_health(task, index, "HEALTHY");
    } else if (container.health == docker::Health::unhealthy) {
      set_health(task, index, "UNHEALTHY");
    } else {
      probe(task.id, index, kFirstProbe);
    }
    changed(task);
  } else if (record.phase != Phase::stopped && record.phase != Phase::removed) {
    on_exit(task, index, container.exit_code, container.oom_killed);
  }
}

void TaskRunner::remove_stray(const docker::Container& container) {
  state_.context().log("removing container " + container.name + ", which belongs to no task");
  state_.context().workers.run([id = container.id, &docker = docker_]() -> Workers::Continuation {
    [[maybe_unused]] const auto removed = docker.remove_container(id);
    return {};
  });
}

void TaskRunner::remove_stray_volumes(const std::vector<docker::Volume>& volumes) {
  for (const docker::Volume& volume : volumes) {
    if (live_task(std::string(label(volume.labels, "task"))) == nullptr) {
      state_.context().workers.run(
          [name = volume.name, &docker = docker_]() -> Workers::Continuation {
            [[maybe_unused]] const auto removed = docker.remove_volume(name);
            return {};
          });
    }
  }
}

void TaskRunner::on_event(const docker::Event& event) {
  last_event_nanos_ = std::max(last_event_nanos_, event.time_nanos);
  TaskRecord* task = live_task(std::string(label(event.attributes, "task")));
  const auto index =
      task == nullptr ? std::nullopt : index_of(*task, label(event.attributes, "container"));
  if (!index) {
    return;
  }
  ContainerRecord& container = task->containers[*index];
  if (container.docker_id != event.id) {
    return;
  }
  if (event.action == "oom") {
    container.out_of_memory = true;
  } else if (event.action == "die") {
    const auto code = event.attributes.find("exitCode");
    const std::int64_t exit_code =
        code == event.attributes.end() ? 0 : util::parse_int(code->second).value_or(0);
    if (container.phase == Phase::starting) {
      early_exits_[event.id] = exit_code;
    } else if (container.phase == Phase::running || container.phase == Phase::stopping) {
      on_death(*task, *index, exit_code);
    }
  } else if (event.action == "destroy" && !busy_.contains(busy_key(task->id, *index))) {
    if (container.phase == Phase::running) {
      on_exit(*task, *index, kKilled, false);
    }
    if (TaskRecord* still = live_task(std::string(label(event.attributes, "task")))) {
      still->containers[*index].phase = Phase::removed;
      logs_.forget(event.id);
      state_.save(*still);
      advance(still->id);
    }
  } else if (event.action.starts_with("health_status")) {
    set_health(*task, *index, event.action.ends_with("unhealthy") ? "UNHEALTHY" : "HEALTHY");
  }
}

void TaskRunner::on_death(TaskRecord& task, std::size_t index, std::int64_t code) {
  const ContainerRecord& container = task.containers[index];
  if (code == kKilled && container.phase == Phase::running) {
    learn_why_killed(task, index);
  } else {
    on_exit(task, index, code, container.out_of_memory);
  }
}

// Killed by the kernel for its memory, or by somebody: only an inspection tells.
void TaskRunner::learn_why_killed(TaskRecord& task, std::size_t index) {
  state_.context().workers.run(
      [this, id = task.id, index, &docker = docker_, docker_id = task.containers[index].docker_id] {
        const auto container = docker.inspect_container(docker_id);
        return [this, id, index, oom = container && container->oom_killed] {
          TaskRecord* killed = live_task(id);
          if (killed != nullptr && (killed->containers[index].phase == Phase::running ||
                                    killed->containers[index].phase == Phase::stopping)) {
            on_exit(*killed, index, kKilled, oom);
          }
        };
      });
}

void TaskRunner::on_exit(TaskRecord& task,
                         std::size_t index,
                         std::int64_t code,
                         bool out_of_memory) {
  ContainerRecord& container = task.containers[index];
  const api::ContainerDefinition* definition = container_definition(task, index);
  const TimePoint now = state_.context().now();
  container.phase = Phase::stopped;
  container.exit_code = code;
  container.out_of_memory = container.out_of_memory || out_of_memory;
  if (definition != nullptr && definition->restart_policy && definition->restart_policy->enabled &&
      !task.stop_wanted()) {
    const api::ContainerRestartPolicy& policy = *definition->restart_policy;
    const bool ignored =
        std::find(policy.ignored_exit_codes.begin(), policy.ignored_exit_codes.end(), code) !=
        policy.ignored_exit_codes.end();
    const auto period = std::chrono::milliseconds{
        static_cast<std::int64_t>(static_cast<double>(policy.restart_attempt_period.value_or(300)) *
                                  1000 * state_.context().time_scale)};
    if (!ignored && now - time_of(container.started_ms) >= period) {
      container.phase = Phase::created;
      container.started_ms = 0;
      ++container.restarts;
      logs_.forget_end(container.docker_id);
      changed(task);
      advance(std::string(task.id));
      return;
    }
  }
  if (index < task.wire.containers.size()) {
    api::Container& wire = task.wire.containers[index];
    wire.last_status = "STOPPED";
    wire.exit_code = code;
    if (container.out_of_memory) {
      wire.reason = "OutOfMemoryError: Container killed due to memory usage";
    }
  }
  const bool all_ended =
      std::none_of(task.containers.begin(), task.containers.end(), [](const ContainerRecord& c) {
        return c.phase == Phase::running || c.phase == Phase::starting ||
               c.phase == Phase::stopping;
      });
  if (all_ended) {
    task.wire.execution_stopped_at = stamp(now);
  }
  changed(task);
  advance(std::string(task.id));
}

void TaskRunner::set_health(TaskRecord& task, std::size_t index, std::string_view health) {
  const api::ContainerDefinition* definition = container_definition(task, index);
  if (definition == nullptr || probe_command(*definition).empty() ||
      task.containers[index].health == health) {
    return;
  }
  task.containers[index].health = std::string(health);
  task.wire.containers[index].health_status = std::string(health);
  bool unhealthy = false;
  bool unknown = false;
  for (std::size_t i = 0; i < task.wire.containers.size(); ++i) {
    const api::ContainerDefinition* other = container_definition(task, i);
    if (other != nullptr && other->essential.value_or(true) && !probe_command(*other).empty()) {
      unhealthy = unhealthy || task.containers[i].health == "UNHEALTHY";
      unknown = unknown || task.containers[i].health == "UNKNOWN";
    }
  }
  task.wire.health_status = unhealthy ? "UNHEALTHY" : unknown ? "UNKNOWN" : "HEALTHY";
  task.wire.version = task.wire.version.value_or(1) + 1;
  changed(task);
  advance(std::string(task.id));
}

// Docker probes for the first time after a whole interval. Until a container has been healthy once
// we ask ourselves, soon and then more slowly; from then on Docker's own probes decide.
void TaskRunner::probe(const std::string& task_id,
                       std::size_t index,
                       std::chrono::milliseconds next_delay) {
  TaskRecord* task = live_task(task_id);
  const api::ContainerDefinition* definition =
      task == nullptr ? nullptr : container_definition(*task, index);
  if (definition == nullptr || probe_command(*definition).empty() ||
      task->containers[index].health != "UNKNOWN" ||
      task->containers[index].phase != Phase::running ||
      !probing_.insert(busy_key(task_id, index)).second) {
    return;
  }
  const std::chrono::seconds limit{definition->health_check->timeout.value_or(5)};
  state_.context().workers.run([this,
                                task_id,
                                index,
                                &docker = docker_,
                                next_delay,
                                limit,
                                id = task->containers[index].docker_id,
                                command = probe_command(*definition)] {
    const auto result = docker.exec(id, command, limit);
    return [this, task_id, index, next_delay, healthy = result && result->exit_code == 0] {
      probing_.erase(busy_key(task_id, index));
      TaskRecord* probed = live_task(task_id);
      if (probed == nullptr) {
        return;
      }
      if (healthy && probed->containers[index].phase == Phase::running) {
        set_health(*probed, index, "HEALTHY");
        return;
      }
      state_.context().timers.at(
          state_.context().now() + next_delay, [this, task_id, index, next_delay] {
            probe(task_id, index, std::min(next_delay * 2, kLongestProbeDelay));
          });
    };
  });
}

std::optional<LogDestination> TaskRunner::log_destination(const TaskRecord& task,
                                                          std::size_t index) const {
  const api::ContainerDefinition* definition = container_definition(task, index);
  if (definition == nullptr || !definition->log_configuration ||
      definition->log_configuration->log_driver != "awslogs") {
    return std::nullopt;
  }
  const auto& options = definition->log_configuration->options;
  const auto group = options.find("awslogs-group");
  if (group == options.end()) {
    return std::nullopt;
  }
  const auto prefix = options.find("awslogs-stream-prefix");
  const std::string stream =
      prefix == options.end() ? task.id
                              : prefix->second + "/" + task.containers[index].name + "/" + task.id;
  return LogDestination{group->second, stream};
}

void TaskRunner::follow_logs(TaskRecord& task, std::size_t index) {
  const auto destination = log_destination(task, index);
  const api::ContainerDefinition* definition = container_definition(task, index);
  if (destination) {
    logs_.follow(task.containers[index].docker_id,
                 definition->pseudo_terminal.value_or(false),
                 *destination);
  }
}

void TaskRunner::take_addresses(TaskRecord& task, const docker::Container& container) {
  const auto at = container.addresses.find(networks_.name_for(groups_of(task).front()));
  if (at == container.addresses.end()) {
    return;
  }
  const auto mac = container.macs.find(at->first);
  std::string name = "ip-" + at->second + ".ec2.internal";
  std::replace(name.begin() + 3,
               name.begin() + 3 + static_cast<std::ptrdiff_t>(at->second.size()),
               '.',
               '-');
  for (api::Attachment& attachment : task.wire.attachments) {
    const auto put = [&](std::string_view key, const std::string& value) {
      for (api::KeyValuePair& detail : attachment.details) {
        if (detail.name == key) {
          detail.value = value;
          return;
        }
      }
      api::KeyValuePair detail;
      detail.name = std::string(key);
      detail.value = value;
      attachment.details.push_back(std::move(detail));
    };
    attachment.status = "ATTACHED";
    put("macAddress", mac == container.macs.end() ? "" : mac->second);
    put("privateDnsName", name);
    put("privateIPv4Address", at->second);
    for (api::Container& wire : task.wire.containers) {
      api::NetworkInterface interface;
      interface.attachment_id = attachment.id;
      interface.private_ipv4_address = at->second;
      wire.network_interfaces = {interface};
    }
  }
}

std::string TaskRunner::address_of(const TaskRecord& task) {
  for (const api::Attachment& attachment : task.wire.attachments) {
    for (const api::KeyValuePair& detail : attachment.details) {
      if (detail.name == "privateIPv4Address") {
        return detail.value.value_or("");
      }
    }
  }
  return {};
}

bool TaskRunner::has_pause(const TaskRecord& task) {
  return index_of(task, kPauseContainer).has_value();
}

std::vector<std::string> TaskRunner::search_domains(
    const std::vector<api::ServiceRegistry>& registries) const {
  std::vector<std::string> out;
  for (const api::ServiceRegistry& registry : registries) {
    if (const auto names = registry_.names_of(registry.registry_arn.value_or(""))) {
      if (std::find(out.begin(), out.end(), names->name_space) == out.end()) {
        out.push_back(names->name_space);
      }
    }
  }
  return out;
}

// A task without names of its own searches where the services with a group in common are.
std::vector<std::string> TaskRunner::neighbours_domains(const TaskRecord& task) const {
  std::vector<std::string> out;
  const std::vector<std::string> mine = groups_of(task);
  for (const auto& [key, service] : state_.services) {
    const auto& network = service.wire.network_configuration;
    if (service.cluster != task.cluster || !network || !network->awsvpc_configuration) {
      continue;
    }
    const std::vector<std::string>& theirs = network->awsvpc_configuration->security_groups;
    if (std::find_first_of(mine.begin(), mine.end(), theirs.begin(), theirs.end()) == mine.end()) {
      continue;
    }
    for (std::string& domain : search_domains(service.wire.service_registries)) {
      if (std::find(out.begin(), out.end(), domain) == out.end()) {
        out.push_back(std::move(domain));
      }
    }
  }
  return out;
}

std::pair<std::vector<std::string>, std::vector<std::string>> TaskRunner::names_of(
    const TaskRecord& task) const {
  std::pair<std::vector<std::string>, std::vector<std::string>> out;
  for (const api::ServiceRegistry& registry : task.revision.service_registries) {
    if (const auto names = registry_.names_of(registry.registry_arn.value_or(""))) {
      out.first.push_back(names->service);
      out.first.push_back(names->service + "." + names->name_space);
    }
  }
  out.second = search_domains(task.revision.service_registries);
  if (out.second.empty()) {
    out.second = neighbours_domains(task);
  }
  const api::Deployment* deployment = deployment_of(task);
  if (deployment != nullptr && deployment->service_connect_configuration) {
    for (std::string& name : connect_names(*deployment->service_connect_configuration)) {
      out.first.push_back(std::move(name));
    }
  }
  return out;
}

const api::Deployment* TaskRunner::deployment_of(const TaskRecord& task) const {
  const auto service = state_.services.find(task.cluster + "/" + task.service);
  if (service == state_.services.end()) {
    return nullptr;
  }
  for (const DeploymentRecord& deployment : service->second.deployments) {
    if (deployment.wire.id == task.deployment) {
      return &deployment.wire;
    }
  }
  return nullptr;
}

}  // namespace local::ecs
