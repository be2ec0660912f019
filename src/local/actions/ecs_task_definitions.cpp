#include <algorithm>

#include "local/actions/ecs-impl.hpp"
#include "local/actions/ecs_validation.hpp"

namespace local::ecs {
namespace {

constexpr std::int64_t kMostDefinitions = 100;

// As AWS answers it: defaults filled in.
void normalize(api::TaskDefinition& definition) {
  const bool own_interface = definition.network_mode == "awsvpc";
  for (api::ContainerDefinition& container : definition.container_definitions) {
    container.cpu = container.cpu.value_or(0);
    container.essential = container.essential.value_or(true);
    for (api::PortMapping& port : container.port_mappings) {
      port.protocol = port.protocol.value_or("tcp");
      port.host_port = port.host_port  ? port.host_port
                       : own_interface ? port.container_port
                                       : std::optional<std::int64_t>(0);
    }
    if (container.health_check) {
      api::HealthCheck& check = *container.health_check;
      check.interval = check.interval.value_or(30);
      check.timeout = check.timeout.value_or(5);
      check.retries = check.retries.value_or(3);
    }
  }
}

void add_attribute(api::TaskDefinition& definition, std::string_view name) {
  api::Attribute attribute;
  attribute.name = std::string(name);
  definition.requires_attributes.push_back(std::move(attribute));
}

void set_attributes(api::TaskDefinition& definition) {
  const auto any = [&](auto predicate) {
    return std::any_of(definition.container_definitions.begin(),
                       definition.container_definitions.end(),
                       predicate);
  };
  if (any([](const auto& c) {
        return c.log_configuration && c.log_configuration->log_driver == "awslogs";
      })) {
    add_attribute(definition, "com.amazonaws.ecs.capability.logging-driver.awslogs");
    add_attribute(definition, "ecs.capability.execution-role-awslogs");
  }
  if (any([](const auto& c) { return c.repository_credentials.has_value(); })) {
    add_attribute(definition, "ecs.capability.private-registry-authentication.secretsmanager");
  }
  if (any([](const auto& c) { return c.health_check.has_value(); })) {
    add_attribute(definition, "ecs.capability.container-health-check");
  }
  if (any([](const auto& c) { return !c.depends_on.empty(); })) {
    add_attribute(definition, "ecs.capability.container-ordering");
  }
  if (definition.network_mode == "awsvpc") {
    add_attribute(definition, "ecs.capability.task-eni");
  }
  add_attribute(definition, "com.amazonaws.ecs.capability.docker-remote-api.1.18");
}

Answer<api::RegisterTaskDefinitionResponse> register_task_definition(
    EcsState& state,
    const api::RegisterTaskDefinitionRequest& request) {
  if (auto problem = problem_of(request)) {
    return util::unexpected(std::move(*problem));
  }
  std::vector<api::TaskDefinition>& revisions = state.families[request.family];
  api::TaskDefinition definition;
  definition.family = request.family;
  definition.revision = static_cast<std::int64_t>(revisions.size()) + 1;
  definition.task_definition_arn = state.context().arn(
      "ecs", "task-definition/" + request.family + ":" + std::to_string(*definition.revision));
  definition.container_definitions = request.container_definitions;
  definition.task_role_arn = request.task_role_arn;
  definition.execution_role_arn = request.execution_role_arn;
  definition.network_mode = request.network_mode;
  definition.volumes = request.volumes;
  definition.placement_constraints = request.placement_constraints;
  definition.requires_compatibilities = request.requires_compatibilities;
  definition.cpu = normal_cpu(request.cpu);
  definition.memory = normal_memory(request.memory);
  definition.pid_mode = request.pid_mode;
  definition.ipc_mode = request.ipc_mode;
  definition.proxy_configuration = request.proxy_configuration;
  definition.inference_accelerators = request.inference_accelerators;
  definition.ephemeral_storage = request.ephemeral_storage;
  definition.runtime_platform = request.runtime_platform;
  definition.enable_fault_injection = request.enable_fault_injection;
  definition.status = "ACTIVE";
  definition.compatibilities = {"EC2", "FARGATE"};
  definition.registered_at = stamp(state.context().now());
  definition.registered_by = "arn:aws:iam::" + state.context().account + ":root";
  normalize(definition);
  set_attributes(definition);
  state.task_definition_tags[*definition.task_definition_arn] = request.tags;
  state.save(definition);
  revisions.push_back(definition);
  api::RegisterTaskDefinitionResponse response;
  response.task_definition = std::move(definition);
  response.tags = request.tags;
  return response;
}

Answer<api::DescribeTaskDefinitionResponse> describe_task_definition(
    EcsState& state,
    const api::DescribeTaskDefinitionRequest& request) {
  const api::TaskDefinition* definition = state.task_definition(request.task_definition);
  if (definition == nullptr) {
    return util::unexpected(client_error("Unable to describe task definition."));
  }
  api::DescribeTaskDefinitionResponse response;
  response.task_definition = *definition;
  if (includes(request.include, "TAGS")) {
    response.tags = state.task_definition_tags[*definition->task_definition_arn];
  }
  return response;
}

Answer<api::DeregisterTaskDefinitionResponse> deregister_task_definition(
    EcsState& state,
    const api::DeregisterTaskDefinitionRequest& request) {
  const std::string_view name = last_segment(request.task_definition);
  api::TaskDefinition* definition =
      name.find(':') == std::string_view::npos ? nullptr : state.task_definition(name);
  if (definition == nullptr) {
    return util::unexpected(client_error("The specified task definition does not exist."));
  }
  if (definition->status == "ACTIVE") {
    definition->status = "INACTIVE";
    definition->deregistered_at = stamp(state.context().now());
    state.save(*definition);
  }
  api::DeregisterTaskDefinitionResponse response;
  response.task_definition = *definition;
  return response;
}

Answer<api::ListTaskDefinitionsResponse> list_task_definitions(
    EcsState& state,
    const api::ListTaskDefinitionsRequest& request) {
  const std::string status = request.status.value_or("ACTIVE");
  std::vector<std::string> arns;
  for (const auto& [family, revisions] : state.families) {
    if (request.family_prefix && family != *request.family_prefix) {
      continue;
    }
    for (const api::TaskDefinition& definition : revisions) {
      if (definition.status == status) {
        arns.push_back(*definition.task_definition_arn);
      }
    }
  }
  if (request.sort == "DESC") {
    std::reverse(arns.begin(), arns.end());
  }
  auto page = page_of(arns, request.next_token, request.max_results.value_or(kMostDefinitions));
  if (!page) {
    return util::unexpected(page.error());
  }
  api::ListTaskDefinitionsResponse response;
  response.task_definition_arns = std::move(page->items);
  response.next_token = page->next_token;
  return response;
}

Answer<api::ListTaskDefinitionFamiliesResponse> list_families(
    EcsState& state,
    const api::ListTaskDefinitionFamiliesRequest& request) {
  const std::string status = request.status.value_or("ALL");
  std::vector<std::string> families;
  for (const auto& [family, revisions] : state.families) {
    const bool active = std::any_of(
        revisions.begin(), revisions.end(), [](const auto& d) { return d.status == "ACTIVE"; });
    const bool wanted = status == "ALL" || (status == "ACTIVE") == active;
    if (wanted && !revisions.empty() && family.starts_with(request.family_prefix.value_or(""))) {
      families.push_back(family);
    }
  }
  auto page = page_of(families, request.next_token, request.max_results.value_or(kMostDefinitions));
  if (!page) {
    return util::unexpected(page.error());
  }
  api::ListTaskDefinitionFamiliesResponse response;
  response.families = std::move(page->items);
  response.next_token = page->next_token;
  return response;
}

}  // namespace

void add_task_definition_actions(Modules modules, ActionTable& table) {
  EcsState& state = modules.state;
  table.add<api::RegisterTaskDefinitionRequest>(
      [&state](const auto& r) { return register_task_definition(state, r); });
  table.add<api::DescribeTaskDefinitionRequest>(
      [&state](const auto& r) { return describe_task_definition(state, r); });
  table.add<api::DeregisterTaskDefinitionRequest>(
      [&state](const auto& r) { return deregister_task_definition(state, r); });
  table.add<api::ListTaskDefinitionsRequest>(
      [&state](const auto& r) { return list_task_definitions(state, r); });
  table.add<api::ListTaskDefinitionFamiliesRequest>(
      [&state](const auto& r) { return list_families(state, r); });
}

}  // namespace local::ecs
