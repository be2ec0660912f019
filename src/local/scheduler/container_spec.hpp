#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "awsapi/ecs.hpp"
#include "docker/types.hpp"

// A container definition as Docker Engine wants it. Pure.
namespace local::ecs {

namespace api = ::awsapi::ecs;

inline constexpr std::string_view kLabelPrefix = "com.docker.ecs.";

// Everything that does not come from the task definition itself.
struct ContainerInputs {
  std::string name;                  // of the container in Docker
  docker::Labels labels;             // our own
  std::string network;               // a network's name, or "container:<id>"
  std::string pid_mode;              // "container:<id>" when the task shares its processes
  std::vector<std::string> aliases;  // names on that network
  std::vector<std::string> dns_search;
  std::vector<std::pair<std::string, std::string>> secrets;  // resolved: name, value
  std::string region;
  std::vector<docker::Mount> mounts;  // task_volumes.hpp
  std::string task_cpu;               // units and MiB of the whole task; empty = none
  std::string task_memory;
  std::int64_t host_memory_bytes = 0;  // 0 = unknown
};

docker::ContainerSpec container_spec(const api::ContainerDefinition& container,
                                     const api::ContainerOverride* overrides,
                                     const ContainerInputs& inputs);

// The engine stops a container this long after asking it to (stopTimeout, 30 s unless set).
std::chrono::seconds stop_timeout_of(const api::ContainerDefinition& container);
// {"/bin/sh", "-c", ...}; empty when the check is NONE or absent.
std::vector<std::string> probe_command(const api::ContainerDefinition& container);
// Kernel settings of the network namespace that the task's containers share, for its holder.
std::map<std::string, std::string, std::less<>> network_sysctls(
    const api::TaskDefinition& definition);

}  // namespace local::ecs
