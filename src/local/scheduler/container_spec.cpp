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
std::int64_t memory_limit(const ContainerInputs& inputs,
                          const api::ContainerDefinition& container,
                          const api::ContainerOverride* overrides,
                          std::int64_t host_bytes) {
  std::int64_t mebibytes =
      overrides != nullptr && overrides->memory ? *overrides->memory : container.memory.value_or(0);
  if (mebibytes == 0) {
    mebibytes = util::parse_int(inputs.task_memory).value_or(0);
  }
  if (mebibytes == 0) {
    return 0;
  }
  const std::int64_t bytes = std::max(mebibytes * kMebibyte, kLeastMemory);
  return host_bytes > 0 ? std::min(bytes, host_bytes) : bytes;
}

// CPU is a weight and not a cap: a laptop is not shared with strangers, and a quarter of a CPU
// would make every start four times as long.
std::int64_t cpu_shares(const ContainerInputs& inputs,
                        const api::ContainerDefinition& container,
                        const api::ContainerOverride* overrides) {
  std::int64_t units =
      overrides != nullptr && overrides->cpu ? *overrides->cpu : container.cpu.value_or(0);
  if (units == 0) {
    units = util::parse_int(inputs.task_cpu).value_or(0);
  }
  return units == 0 ? 0 : std::max(units, kLeastShares);
}

// "rw,noexec,size=64m", Docker's form of ECS's list.
std::map<std::string, std::string, std::less<>> tmpfs_of(
    const api::ContainerDefinition& container) {
  std::map<std::string, std::string, std::less<>> out;
  if (!container.linux_parameters) {
    return out;
  }
  for (const api::Tmpfs& tmpfs : container.linux_parameters->tmpfs) {
    std::vector<std::string> options = tmpfs.mount_options;
    options.push_back("size=" + std::to_string(tmpfs.size) + "m");
    out[tmpfs.container_path] = util::join(options, ",");
  }
  return out;
}

bool is_of_the_network(std::string_view sysctl) {
  return sysctl.starts_with("net.");
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

docker::ContainerSpec container_spec(const api::ContainerDefinition& container,
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
  spec.pid_mode = inputs.pid_mode;
  spec.network_aliases = inputs.aliases;
  spec.dns_search = inputs.dns_search;
  if (!inputs.network.starts_with("container:")) {
    for (const api::HostEntry& host : container.extra_hosts) {
      spec.extra_hosts.push_back(host.hostname + ":" + host.ip_address);
    }
  }
  spec.cpu_shares = cpu_shares(inputs, container, overrides);
  spec.memory_bytes = memory_limit(inputs, container, overrides, inputs.host_memory_bytes);
  spec.memory_reservation_bytes = (overrides != nullptr && overrides->memory_reservation
                                       ? *overrides->memory_reservation
                                       : container.memory_reservation.value_or(0)) *
                                  kMebibyte;
  if (spec.memory_bytes > 0) {
    spec.memory_reservation_bytes = std::min(spec.memory_reservation_bytes, spec.memory_bytes);
  }
  for (const api::Ulimit& limit : container.ulimits) {
    spec.ulimits.push_back({limit.name, limit.soft_limit, limit.hard_limit});
  }
  const bool shares_network = inputs.network.starts_with("container:");
  for (const api::SystemControl& control : container.system_controls) {
    if (!shares_network || !is_of_the_network(control.namespace_.value_or(""))) {
      spec.sysctls[control.namespace_.value_or("")] = control.value.value_or("");
    }
  }
  spec.mounts = inputs.mounts;
  spec.tmpfs = tmpfs_of(container);
  spec.privileged = container.privileged.value_or(false);
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

std::map<std::string, std::string, std::less<>> network_sysctls(
    const api::TaskDefinition& definition) {
  std::map<std::string, std::string, std::less<>> out;
  for (const api::ContainerDefinition& container : definition.container_definitions) {
    for (const api::SystemControl& control : container.system_controls) {
      if (is_of_the_network(control.namespace_.value_or(""))) {
        out[*control.namespace_] = control.value.value_or("");
      }
    }
  }
  return out;
}

}  // namespace local::ecs
