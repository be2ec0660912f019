#include "local/scheduler/container_spec.hpp"

#include <algorithm>

#include "util/strings.hpp"

namespace local::ecs {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1024} * 1024;
constexpr std::int64_t kLeastMemory = 6 * kMebibyte;  // Docker refuses less
constexpr std::int64_t kLeastShares = 2;

void set_variable(std::vector<std::string>& environment,
                  const std::string& name,
                  const std::string& value) {
  const std::string prefix = name + "=";
  std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(prefix); });
  environment.push_back(prefix + value);
}

std::vector<std::string> environment_of(const api::ContainerDefinition& container,
                                        const api::ContainerOverride* overrides,
                                        const ContainerInputs& inputs) {
  std::vector<std::string> out;
  set_variable(out, "AWS_REGION", inputs.region);
  set_variable(out, "AWS_DEFAULT_REGION", inputs.region);
  set_variable(out, "AWS_EXECUTION_ENV", "AWS_ECS_FARGATE");
  for (const api::KeyValuePair& pair : container.environment) {
    set_variable(out, pair.name.value_or(""), pair.value.value_or(""));
  }
  if (overrides != nullptr) {
    for (const api::KeyValuePair& pair : overrides->environment) {
      set_variable(out, pair.name.value_or(""), pair.value.value_or(""));
    }
  }
  for (const auto& [name, value] : inputs.secrets) {
    set_variable(out, name, value);
  }
  return out;
}

// The hard limit of the container, else of the task; what the host does not have cannot be
// promised.
std::int64_t memory_limit(const api::TaskDefinition& definition,
                          const api::ContainerDefinition& container,
                          std::int64_t host_bytes) {
  std::int64_t mebibytes = container.memory.value_or(0);
  if (mebibytes == 0 && definition.memory) {
    mebibytes = util::parse_int(*definition.memory).value_or(0);
  }
  if (mebibytes == 0) {
    return 0;
  }
  const std::int64_t bytes = std::max(mebibytes * kMebibyte, kLeastMemory);
  return host_bytes > 0 ? std::min(bytes, host_bytes) : bytes;
}

// CPU is a weight and not a cap: a laptop is not shared with strangers, and a quarter of a CPU
// would make every start four times as long.
std::int64_t cpu_shares(const api::TaskDefinition& definition,
                        const api::ContainerDefinition& container) {
  std::int64_t units = container.cpu.value_or(0);
  if (units == 0 && definition.cpu) {
    units = util::parse_int(*definition.cpu).value_or(0);
  }
  return units == 0 ? 0 : std::max(units, kLeastShares);
}

std::string volume_name(const api::Volume& volume, std::string_view prefix) {
  if (volume.efs_volume_configuration) {
    const api::EFSVolumeConfiguration& efs = *volume.efs_volume_configuration;
    std::string name = "docker-ecs-" + efs.file_system_id;
    if (efs.authorization_config && efs.authorization_config->access_point_id) {
      name += "-" + *efs.authorization_config->access_point_id;
    } else if (efs.root_directory && *efs.root_directory != "/") {
      name += util::replace_all(*efs.root_directory, "/", "-");
    }
    return name;
  }
  return std::string(prefix) + volume.name.value_or("volume");
}

std::vector<docker::Mount> mounts_of(const api::TaskDefinition& definition,
                                     const api::ContainerDefinition& container,
                                     const ContainerInputs& inputs) {
  std::vector<docker::Mount> out;
  for (const api::MountPoint& point : container.mount_points) {
    const auto at = std::find_if(
        definition.volumes.begin(), definition.volumes.end(), [&](const api::Volume& v) {
          return v.name == point.source_volume;
        });
    if (at == definition.volumes.end() || !point.container_path) {
      continue;
    }
    docker::Mount mount;
    const bool bind = at->host && at->host->source_path;
    mount.kind = bind ? docker::Mount::Kind::bind : docker::Mount::Kind::volume;
    mount.source = bind ? *at->host->source_path : volume_name(*at, inputs.volume_prefix);
    mount.target = *point.container_path;
    mount.read_only = point.read_only.value_or(false);
    out.push_back(std::move(mount));
  }
  if (container.linux_parameters) {
    for (const api::Tmpfs& tmpfs : container.linux_parameters->tmpfs) {
      docker::Mount mount;
      mount.kind = docker::Mount::Kind::tmpfs;
      mount.target = tmpfs.container_path;
      mount.tmpfs_bytes = tmpfs.size * kMebibyte;
      out.push_back(std::move(mount));
    }
  }
  return out;
}

docker::HealthConfig health_of(const api::ContainerDefinition& container) {
  docker::HealthConfig out;
  if (!container.health_check) {
    out.test = {"NONE"};  // ECS ignores the image's own check
    return out;
  }
  const api::HealthCheck& check = *container.health_check;
  out.test = check.command;
  if (!out.test.empty() && out.test.front() != "CMD" && out.test.front() != "CMD-SHELL" &&
      out.test.front() != "NONE") {
    out.test.insert(out.test.begin(), "CMD");
  }
  out.interval = std::chrono::seconds{check.interval.value_or(30)};
  out.timeout = std::chrono::seconds{check.timeout.value_or(5)};
  out.retries = check.retries.value_or(3);
  out.start_period = std::chrono::seconds{check.start_period.value_or(0)};
  return out;
}

void set_linux_parameters(const api::ContainerDefinition& container, docker::ContainerSpec& spec) {
  if (!container.linux_parameters) {
    return;
  }
  const api::LinuxParameters& parameters = *container.linux_parameters;
  if (parameters.capabilities) {
    spec.capabilities_add = parameters.capabilities->add;
    spec.capabilities_drop = parameters.capabilities->drop;
  }
  spec.shm_bytes = parameters.shared_memory_size.value_or(0) * kMebibyte;
}

}  // namespace

docker::ContainerSpec container_spec(const api::TaskDefinition& definition,
                                     const api::ContainerDefinition& container,
                                     const api::ContainerOverride* overrides,
                                     const ContainerInputs& inputs) {
  docker::ContainerSpec spec;
  spec.name = inputs.name;
  spec.image = container.image.value_or("");
  if (!container.entry_point.empty()) {
    spec.entrypoint = container.entry_point;
  }
  spec.command =
      overrides != nullptr && !overrides->command.empty() ? overrides->command : container.command;
  spec.environment = environment_of(container, overrides, inputs);
  spec.working_directory = container.working_directory.value_or("");
  spec.user = container.user.value_or("");
  spec.stop_timeout = stop_timeout_of(container);
  spec.interactive = container.interactive.value_or(false);
  spec.terminal = container.pseudo_terminal.value_or(false);
  spec.health = health_of(container);
  for (const auto& [name, value] : container.docker_labels) {
    spec.labels[name] = value;
  }
  for (const auto& [name, value] : inputs.labels) {
    spec.labels[name] = value;
  }
  spec.network = inputs.network;
  spec.network_aliases = inputs.aliases;
  spec.dns_search = inputs.dns_search;
  if (!inputs.network.starts_with("container:")) {
    for (const api::HostEntry& host : container.extra_hosts) {
      spec.extra_hosts.push_back(host.hostname + ":" + host.ip_address);
    }
  }
  spec.cpu_shares = cpu_shares(definition, container);
  spec.memory_bytes = memory_limit(definition, container, inputs.host_memory_bytes);
  spec.memory_reservation_bytes = container.memory_reservation.value_or(0) * kMebibyte;
  if (spec.memory_bytes > 0) {
    spec.memory_reservation_bytes = std::min(spec.memory_reservation_bytes, spec.memory_bytes);
  }
  for (const api::Ulimit& limit : container.ulimits) {
    spec.ulimits.push_back({limit.name, limit.soft_limit, limit.hard_limit});
  }
  for (const api::SystemControl& control : container.system_controls) {
    spec.sysctls[control.namespace_.value_or("")] = control.value.value_or("");
  }
  spec.mounts = mounts_of(definition, container, inputs);
  set_linux_parameters(container, spec);
  spec.init =
      true;  // PID 1 that passes signals on: a stop takes a moment and not the whole grace period
  spec.read_only_root = container.readonly_root_filesystem.value_or(false);
  spec.log_driver = "json-file";
  spec.log_options = {{"max-size", "10m"}, {"max-file", "2"}};
  return spec;
}

std::chrono::seconds stop_timeout_of(const api::ContainerDefinition& container) {
  return std::chrono::seconds{container.stop_timeout.value_or(30)};
}

std::vector<std::string> probe_command(const api::ContainerDefinition& container) {
  if (!container.health_check || container.health_check->command.empty()) {
    return {};
  }
  const std::vector<std::string>& command = container.health_check->command;
  if (command.front() == "NONE") {
    return {};
  }
  if (command.front() == "CMD-SHELL") {
    return {"/bin/sh", "-c", command.size() > 1 ? command[1] : ""};
  }
  return {command.begin() + (command.front() == "CMD" ? 1 : 0), command.end()};
}

std::vector<std::string> scratch_volumes(const api::TaskDefinition& definition,
                                         std::string_view prefix) {
  std::vector<std::string> out;
  for (const api::Volume& volume : definition.volumes) {
    if (!volume.efs_volume_configuration && !(volume.host && volume.host->source_path)) {
      out.push_back(volume_name(volume, prefix));
    }
  }
  return out;
}

}  // namespace local::ecs
