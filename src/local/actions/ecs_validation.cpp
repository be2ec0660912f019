#include "local/actions/ecs_validation.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "cloudformation/fargate_sizes.hpp"
#include "util/strings.hpp"

namespace local::ecs {
namespace {

ApiError refuse(std::string message) {
  return {"ClientException", std::move(message), 400};
}

std::optional<std::string> scaled(const std::optional<std::string>& text,
                                  std::string_view unit,
                                  double factor) {
  if (!text) {
    return text;
  }
  const std::string lower = util::to_lower(util::trim(*text));
  if (!lower.ends_with(unit)) {
    return text;
  }
  const std::string number(
      util::trim(std::string_view(lower).substr(0, lower.size() - unit.size())));
  return std::to_string(static_cast<std::int64_t>(std::strtod(number.c_str(), nullptr) * factor));
}

std::optional<ApiError> fargate_problem(const api::RegisterTaskDefinitionRequest& request) {
  if (request.network_mode != "awsvpc") {
    return refuse(
        "Fargate only supports network mode \xE2\x80\x98"
        "awsvpc\xE2\x80\x99.");
  }
  if (!request.cpu) {
    return refuse("Fargate requires that 'cpu' be defined at the task level.");
  }
  if (!request.memory) {
    return refuse("Fargate requires that 'memory' be defined at the task level.");
  }
  const auto cpu = util::parse_int(*normal_cpu(request.cpu));
  const auto memory = util::parse_int(*normal_memory(request.memory));
  if (!cpu || !memory || !cloudformation::is_fargate_size(*cpu, *memory)) {
    return refuse("No Fargate configuration exists for given values: " + *normal_cpu(request.cpu) +
                  " CPU, " + *normal_memory(request.memory) +
                  " memory. See the Amazon ECS documentation for the valid values.");
  }
  for (const api::Volume& volume : request.volumes) {
    if (volume.host && volume.host->source_path) {
      return refuse(
          "Volume '" + volume.name.value_or("") +
          "': Fargate does not support host.sourcePath; tasks get no directory of the host.");
    }
    if (volume.docker_volume_configuration) {
      return refuse("Volume '" + volume.name.value_or("") +
                    "': Fargate does not support dockerVolumeConfiguration.");
    }
  }
  for (const api::ContainerDefinition& container : request.container_definitions) {
    if (container.log_configuration && container.log_configuration->log_driver == "awslogs" &&
        !request.execution_role_arn) {
      return refuse(
          "Fargate requires task definition to have execution role ARN to support log driver awslogs.");
    }
    if (container.privileged.value_or(false)) {
      return refuse("Fargate does not support privileged containers.");
    }
    if (!container.links.empty()) {
      return refuse("Links are not supported when networkMode=awsvpc.");
    }
  }
  return std::nullopt;
}

std::optional<ApiError> port_problem(const api::RegisterTaskDefinitionRequest& request,
                                     const api::ContainerDefinition& container) {
  for (const api::PortMapping& port : container.port_mappings) {
    const std::int64_t number = port.container_port.value_or(0);
    if (!port.container_port_range && (number < 1 || number > 65535)) {
      return refuse("Invalid 'containerPort' setting for container '" + *container.name + "'.");
    }
    if (request.network_mode == "awsvpc" && port.host_port && *port.host_port != 0 &&
        *port.host_port != number) {
      return refuse(
          "When networkMode=awsvpc, the host ports and container ports in port mappings must match.");
    }
  }
  return std::nullopt;
}

std::optional<ApiError> container_problem(const api::RegisterTaskDefinitionRequest& request,
                                          const api::ContainerDefinition& container,
                                          const std::set<std::string>& names) {
  if (!container.image || container.image->empty()) {
    return refuse("Container.image should not be null or empty.");
  }
  if (!request.memory && !container.memory && !container.memory_reservation) {
    return refuse("Invalid setting for container '" + *container.name +
                  "'. At least one of 'memory' or 'memoryReservation' must be specified.");
  }
  const auto task_memory =
      request.memory ? util::parse_int(*normal_memory(request.memory)) : std::nullopt;
  if (task_memory && container.memory.value_or(0) > *task_memory) {
    return refuse("Invalid 'memory' setting for container '" + *container.name +
                  "': it is larger than the memory of the task.");
  }
  if ((!container.secrets.empty() || container.repository_credentials) &&
      !request.execution_role_arn) {
    return refuse(
        "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.");
  }
  for (const api::ContainerDependency& dependency : container.depends_on) {
    if (!names.contains(dependency.container_name) ||
        dependency.container_name == *container.name) {
      return refuse("Invalid 'dependsOn' setting for container '" + *container.name +
                    "': container '" + dependency.container_name + "' does not exist.");
    }
    const auto on =
        std::find_if(request.container_definitions.begin(),
                     request.container_definitions.end(),
                     [&](const auto& c) { return c.name == dependency.container_name; });
    if (dependency.condition == "HEALTHY" && !on->health_check) {
      return refuse("Invalid 'dependsOn' setting for container '" + *container.name +
                    "': container '" + dependency.container_name + "' has no health check.");
    }
    if ((dependency.condition == "COMPLETE" || dependency.condition == "SUCCESS") &&
        on->essential.value_or(true)) {
      return refuse("Invalid 'dependsOn' setting for container '" + *container.name +
                    "': container '" + dependency.container_name +
                    "' is essential and can not be waited for with " + dependency.condition + ".");
    }
  }
  return port_problem(request, container);
}

}  // namespace

std::optional<std::string> normal_cpu(const std::optional<std::string>& text) {
  return scaled(text, "vcpu", 1024);
}

std::optional<std::string> normal_memory(const std::optional<std::string>& text) {
  return scaled(text, "gb", 1024);
}

std::optional<ApiError> problem_of(const api::RegisterTaskDefinitionRequest& request) {
  const bool name_ok = !request.family.empty() && request.family.size() <= 255 &&
                       std::all_of(request.family.begin(), request.family.end(), [](char c) {
                         return util::is_alnum(c) || c == '-' || c == '_';
                       });
  if (!name_ok) {
    return refuse(
        "Family contains invalid characters or is longer than 255: only letters, numbers, hyphens and "
        "underscores are allowed.");
  }
  if (request.container_definitions.empty()) {
    return refuse("Container list cannot be empty.");
  }
  std::set<std::string> names;
  for (const api::ContainerDefinition& container : request.container_definitions) {
    if (!container.name || container.name->empty()) {
      return refuse("Container.name should not be null or empty.");
    }
    if (!names.insert(*container.name).second) {
      return refuse("Duplicate container name '" + *container.name + "' in the task definition.");
    }
  }
  for (const api::ContainerDefinition& container : request.container_definitions) {
    if (auto problem = container_problem(request, container, names)) {
      return problem;
    }
  }
  if (std::none_of(request.container_definitions.begin(),
                   request.container_definitions.end(),
                   [](const auto& c) { return c.essential.value_or(true); })) {
    return refuse("Task definition must have at least one essential container.");
  }
  const auto& wants = request.requires_compatibilities;
  if (std::find(wants.begin(), wants.end(), "FARGATE") != wants.end()) {
    return fargate_problem(request);
  }
  return std::nullopt;
}

}  // namespace local::ecs
