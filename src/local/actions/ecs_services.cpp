#include <algorithm>

#include "awsapi/elbv2.hpp"
#include "local/actions/ecs-impl.hpp"

namespace local::ecs {
namespace {

constexpr std::int64_t kServicesPerPage = 10;
constexpr std::int64_t kMostServicesPerPage = 100;
constexpr std::size_t kMostDescribed = 10;

using awsapi::EmptyLists;

template <class T>
bool same_value(const T& a, const T& b) {
  return doc::same(a.to_node(EmptyLists::omit), b.to_node(EmptyLists::omit));
}

template <class T>
bool same_list(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& x, const T& y) {
    return same_value(x, y);
  });
}

Answer<api::TaskDefinition*> usable_definition(EcsState& state, const std::string& name) {
  api::TaskDefinition* definition = state.task_definition(name);
  if (definition == nullptr) {
    return util::unexpected(client_error("TaskDefinition not found."));
  }
  if (definition->status != "ACTIVE") {
    return util::unexpected(client_error("TaskDefinition is inactive"));
  }
  return definition;
}

std::optional<ApiError> target_group_problem(const ActionTable& actions, const std::string& arn) {
  awsapi::elbv2::DescribeTargetGroupsRequest request;
  request.target_group_arns = {arn};
  const auto found = actions.call(request);
  if (!found && found.error().code == "UnknownOperationException") {
    return std::nullopt;
  }
  if (!found || found->target_groups.empty()) {
    return invalid_parameter("The target group with targetGroupArn " + arn + " does not exist.");
  }
  if (found->target_groups.front().load_balancer_arns.empty()) {
    return invalid_parameter("The target group with targetGroupArn " + arn +
                             " does not have an associated load balancer.");
  }
  return std::nullopt;
}

std::optional<ApiError> balancer_problem(const ActionTable& actions,
                                         const api::TaskDefinition& definition,
                                         const std::vector<api::LoadBalancer>& balancers) {
  for (const api::LoadBalancer& balancer : balancers) {
    const auto container =
        std::find_if(definition.container_definitions.begin(),
                     definition.container_definitions.end(),
                     [&](const auto& c) { return c.name == balancer.container_name; });
    if (container == definition.container_definitions.end()) {
      return invalid_parameter("The container " + balancer.container_name.value_or("") +
                               " does not exist in the task definition.");
    }
    if (std::none_of(container->port_mappings.begin(),
                     container->port_mappings.end(),
                     [&](const api::PortMapping& p) {
                       return p.container_port == balancer.container_port;
                     })) {
      return invalid_parameter("The container " + *balancer.container_name +
                               " did not have a container port " +
                               std::to_string(balancer.container_port.value_or(0)) + " defined.");
    }
    if (balancer.target_group_arn) {
      if (auto problem = target_group_problem(actions, *balancer.target_group_arn)) {
        return problem;
      }
    }
  }
  return std::nullopt;
}

std::optional<ApiError> network_problem(const api::TaskDefinition& definition,
                                        const std::optional<api::NetworkConfiguration>& network) {
  if (definition.network_mode == "awsvpc" && (!network || !network->awsvpc_configuration)) {
    return invalid_parameter(
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  return std::nullopt;
}

std::optional<ApiError> creation_problem(const api::CreateServiceRequest& request) {
  const bool name_ok =
      !request.service_name.empty() && request.service_name.size() <= 255 &&
      std::all_of(request.service_name.begin(), request.service_name.end(), [](char c) {
        return util::is_alnum(c) || c == '-' || c == '_';
      });
  if (!name_ok) {
    return invalid_parameter(
        "Invalid identifier: Identifier can only contain alphanumeric characters, underscores "
        "and hyphens, up to 255.");
  }
  if (!request.task_definition) {
    return invalid_parameter("TaskDefinition cannot be null or empty.");
  }
  if (request.launch_type && !request.capacity_provider_strategy.empty()) {
    return invalid_parameter(
        "Specifying both a launch type and capacity provider strategy is not supported. Remove "
        "one and try again.");
  }
  if (request.desired_count.value_or(0) < 0) {
    return invalid_parameter("desiredCount must be zero or more.");
  }
  if (request.deployment_controller && request.deployment_controller->type != "ECS") {
    return ApiError{"UnsupportedFeatureException",
                    "The local engine has the deployment controller ECS only.",
                    400};
  }
  return std::nullopt;
}

void complete_configuration(api::DeploymentConfiguration& configuration) {
  configuration.maximum_percent = configuration.maximum_percent.value_or(200);
  configuration.minimum_healthy_percent = configuration.minimum_healthy_percent.value_or(100);
  configuration.strategy = configuration.strategy.value_or("ROLLING");
  if (!configuration.deployment_circuit_breaker) {
    configuration.deployment_circuit_breaker = api::DeploymentCircuitBreaker{};
  }
}

api::Service new_service(EcsState& state,
                         const std::string& cluster,
                         const api::CreateServiceRequest& request) {
  api::Service wire;
  wire.service_arn = state.service_arn(cluster, request.service_name);
  wire.service_name = request.service_name;
  wire.cluster_arn = state.cluster_arn(cluster);
  wire.load_balancers = request.load_balancers;
  wire.service_registries = request.service_registries;
  wire.status = "ACTIVE";
  wire.desired_count = request.desired_count.value_or(1);
  wire.capacity_provider_strategy = request.capacity_provider_strategy;
  if (request.capacity_provider_strategy.empty()) {
    wire.launch_type = request.launch_type.value_or("FARGATE");
  }
  wire.platform_version = request.platform_version.value_or("LATEST");
  wire.platform_family = "Linux";
  wire.deployment_configuration =
      request.deployment_configuration.value_or(api::DeploymentConfiguration{});
  complete_configuration(*wire.deployment_configuration);
  wire.role_arn = "arn:aws:iam::" + state.context().account +
                  ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
  wire.created_at = stamp(state.context().now());
  wire.placement_constraints = request.placement_constraints;
  wire.placement_strategy = request.placement_strategy;
  wire.network_configuration = request.network_configuration;
  wire.health_check_grace_period_seconds = request.health_check_grace_period_seconds;
  if (!request.load_balancers.empty() && !wire.health_check_grace_period_seconds) {
    wire.health_check_grace_period_seconds = 0;
  }
  wire.scheduling_strategy = request.scheduling_strategy.value_or("REPLICA");
  wire.deployment_controller = api::DeploymentController{"ECS"};
  wire.tags = request.tags;
  wire.created_by = "arn:aws:iam::" + state.context().account + ":root";
  wire.enable_ecs_managed_tags = request.enable_ecs_managed_tags.value_or(false);
  wire.propagate_tags = request.propagate_tags.value_or("NONE");
  wire.enable_execute_command = request.enable_execute_command.value_or(false);
  wire.availability_zone_rebalancing = request.availability_zone_rebalancing.value_or("DISABLED");
  return wire;
}

Answer<api::CreateServiceResponse> create_service(Modules modules,
                                                  const api::CreateServiceRequest& request) {
  EcsState& state = modules.state;
  auto cluster = state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  if (auto problem = creation_problem(request)) {
    return util::unexpected(std::move(*problem));
  }
  auto definition = usable_definition(state, *request.task_definition);
  if (!definition) {
    return util::unexpected(definition.error());
  }
  if (auto problem = network_problem(**definition, request.network_configuration)) {
    return util::unexpected(std::move(*problem));
  }
  const std::string& cluster_name = *(*cluster)->wire.cluster_name;
  const std::string key = cluster_name + "/" + request.service_name;
  const auto existing = state.services.find(key);
  if (existing != state.services.end() && existing->second.wire.status == "ACTIVE") {
    return util::unexpected(invalid_parameter("Creation of service was not idempotent."));
  }
  if (existing != state.services.end() && existing->second.wire.status == "DRAINING") {
    return util::unexpected(invalid_parameter("Unable to Start a service that is still Draining."));
  }
  if (auto problem = balancer_problem(modules.actions, **definition, request.load_balancers)) {
    return util::unexpected(std::move(*problem));
  }
  ServiceRecord service;
  service.cluster = cluster_name;
  service.wire = new_service(state, cluster_name, request);
  service.wire.task_definition = (*definition)->task_definition_arn;
  service.connect = request.service_connect_configuration;
  ServiceRecord& stored = state.services[key] = std::move(service);
  modules.scheduler.deploy(stored, {});
  api::CreateServiceResponse response;
  response.service = describe(state, stored);
  return response;
}

// Takes the changes into `wire`; true when they need a new deployment.
bool update_wire(api::Service& wire,
                 const api::UpdateServiceRequest& request,
                 const api::TaskDefinition* definition) {
  const api::Service before = wire;
  if (definition != nullptr) {
    wire.task_definition = definition->task_definition_arn;
  }
  if (request.network_configuration) {
    wire.network_configuration = request.network_configuration;
  }
  if (!request.load_balancers.empty()) {
    wire.load_balancers = request.load_balancers;
  }
  if (!request.service_registries.empty()) {
    wire.service_registries = request.service_registries;
  }
  if (!request.capacity_provider_strategy.empty()) {
    wire.capacity_provider_strategy = request.capacity_provider_strategy;
    wire.launch_type.reset();
  }
  if (request.platform_version) {
    wire.platform_version = request.platform_version;
  }
  if (request.enable_execute_command) {
    wire.enable_execute_command = request.enable_execute_command;
  }
  if (request.propagate_tags) {
    wire.propagate_tags = request.propagate_tags;
  }
  if (request.enable_ecs_managed_tags) {
    wire.enable_ecs_managed_tags = request.enable_ecs_managed_tags;
  }
  if (request.health_check_grace_period_seconds) {
    wire.health_check_grace_period_seconds = request.health_check_grace_period_seconds;
  }
  if (request.deployment_configuration) {
    wire.deployment_configuration = request.deployment_configuration;
    complete_configuration(*wire.deployment_configuration);
  }
  const bool network_same =
      before.network_configuration.has_value() == wire.network_configuration.has_value() &&
      (!wire.network_configuration ||
       same_value(*before.network_configuration, *wire.network_configuration));
  return request.force_new_deployment.value_or(false) ||
         before.task_definition != wire.task_definition || !network_same ||
         !same_list(before.load_balancers, wire.load_balancers) ||
         !same_list(before.service_registries, wire.service_registries) ||
         !same_list(before.capacity_provider_strategy, wire.capacity_provider_strategy) ||
         before.platform_version != wire.platform_version ||
         before.enable_execute_command != wire.enable_execute_command;
}

Answer<ServiceRecord*> find_service(EcsState& state,
                                    const std::optional<std::string>& cluster_name,
                                    const std::string& service_name) {
  auto cluster = state.cluster(cluster_name);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  return state.service(*(*cluster)->wire.cluster_name, service_name);
}

Answer<api::UpdateServiceResponse> update_service(Modules modules,
                                                  const api::UpdateServiceRequest& request) {
  EcsState& state = modules.state;
  auto found = find_service(state, request.cluster, request.service);
  if (!found) {
    return util::unexpected(found.error());
  }
  ServiceRecord& service = **found;
  if (!service.active()) {
    return util::unexpected(ApiError{"ServiceNotActiveException", "Service was not ACTIVE.", 400});
  }
  api::TaskDefinition* definition = nullptr;
  if (request.task_definition) {
    auto usable = usable_definition(state, *request.task_definition);
    if (!usable) {
      return util::unexpected(usable.error());
    }
    definition = *usable;
  }
  if (request.desired_count.value_or(0) < 0) {
    return util::unexpected(invalid_parameter("desiredCount must be zero or more."));
  }
  api::Service wire = service.wire;
  const bool reconnect = request.service_connect_configuration &&
                         (!service.connect || !same_value(*request.service_connect_configuration,
                                                          *service.connect));
  const bool redeploy = update_wire(wire, request, definition) || reconnect;
  const api::TaskDefinition* effective = state.task_definition(*wire.task_definition);
  if (redeploy && effective != nullptr) {
    if (auto problem = balancer_problem(modules.actions, *effective, wire.load_balancers)) {
      return util::unexpected(std::move(*problem));
    }
  }
  if (request.desired_count) {
    wire.desired_count = request.desired_count;
  }
  if (wire.desired_count != service.wire.desired_count) {
    service.steady = false;
  }
  service.wire = std::move(wire);
  if (reconnect) {
    service.connect = request.service_connect_configuration;
  }
  state.save(service);
  if (redeploy) {
    modules.scheduler.deploy(service, {});
  } else {
    modules.scheduler.kick(service.key());
  }
  api::UpdateServiceResponse response;
  response.service = describe(state, service);
  return response;
}

Answer<api::DeleteServiceResponse> delete_service(Modules modules,
                                                  const api::DeleteServiceRequest& request) {
  EcsState& state = modules.state;
  auto found = find_service(state, request.cluster, request.service);
  if (!found) {
    return util::unexpected(found.error());
  }
  ServiceRecord& service = **found;
  if (service.wire.status == "INACTIVE") {
    return util::unexpected(ApiError{"ServiceNotFoundException", "Service not found.", 400});
  }
  if (service.active() && service.wire.desired_count.value_or(0) > 0 &&
      !request.force.value_or(false)) {
    return util::unexpected(
        invalid_parameter("The service cannot be stopped while it is scaled above 0."));
  }
  service.wire.status = "DRAINING";
  service.wire.desired_count = 0;
  state.save(service);
  modules.scheduler.kick(service.key());
  api::DeleteServiceResponse response;
  response.service = describe(state, service);
  return response;
}

Answer<api::DescribeServicesResponse> describe_services(
    EcsState& state,
    const api::DescribeServicesRequest& request) {
  auto cluster = state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  if (request.services.empty()) {
    return util::unexpected(invalid_parameter("Services cannot be empty."));
  }
  if (request.services.size() > kMostDescribed) {
    return util::unexpected(invalid_parameter("Services cannot have more than 10 elements"));
  }
  const std::string& cluster_name = *(*cluster)->wire.cluster_name;
  api::DescribeServicesResponse response;
  for (const std::string& name : request.services) {
    const auto found = state.service(cluster_name, name);
    if (!found) {
      response.failures.push_back(missing(state.service_arn(cluster_name, last_segment(name))));
      continue;
    }
    api::Service wire = describe(state, **found);
    if (!includes(request.include, "TAGS")) {
      wire.tags.clear();
    }
    response.services.push_back(std::move(wire));
  }
  return response;
}

Answer<api::ListServicesResponse> list_services(EcsState& state,
                                                const api::ListServicesRequest& request) {
  auto cluster = state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  std::vector<std::string> arns;
  for (const auto& [key, service] : state.services) {
    const bool wanted = service.cluster == *(*cluster)->wire.cluster_name && service.active() &&
                        (!request.launch_type || service.wire.launch_type == request.launch_type) &&
                        (!request.scheduling_strategy ||
                         service.wire.scheduling_strategy == request.scheduling_strategy);
    if (wanted) {
      arns.push_back(*service.wire.service_arn);
    }
  }
  auto page =
      page_of(arns,
              request.next_token,
              std::min(request.max_results.value_or(kServicesPerPage), kMostServicesPerPage));
  if (!page) {
    return util::unexpected(page.error());
  }
  api::ListServicesResponse response;
  response.service_arns = std::move(page->items);
  response.next_token = page->next_token;
  return response;
}

Answer<api::ListServiceDeploymentsResponse> list_service_deployments(
    EcsState& state,
    const api::ListServiceDeploymentsRequest& request) {
  auto found = find_service(state, request.cluster, request.service);
  if (!found) {
    return util::unexpected(found.error());
  }
  std::vector<api::ServiceDeploymentBrief> briefs;
  for (const api::ServiceDeployment& deployment : (*found)->history) {
    if (!request.status.empty() && !includes(request.status, deployment.status.value_or(""))) {
      continue;
    }
    api::ServiceDeploymentBrief brief;
    brief.service_deployment_arn = deployment.service_deployment_arn;
    brief.service_arn = deployment.service_arn;
    brief.cluster_arn = deployment.cluster_arn;
    brief.started_at = deployment.started_at;
    brief.created_at = deployment.created_at;
    brief.finished_at = deployment.finished_at;
    brief.target_service_revision_arn =
        deployment.target_service_revision ? deployment.target_service_revision->arn : std::nullopt;
    brief.status = deployment.status;
    brief.status_reason = deployment.status_reason;
    briefs.push_back(std::move(brief));
  }
  auto page = page_of(briefs, request.next_token, request.max_results.value_or(20));
  if (!page) {
    return util::unexpected(page.error());
  }
  api::ListServiceDeploymentsResponse response;
  response.service_deployments = std::move(page->items);
  response.next_token = page->next_token;
  return response;
}

Answer<api::DescribeServiceDeploymentsResponse> describe_service_deployments(
    EcsState& state,
    const api::DescribeServiceDeploymentsRequest& request) {
  api::DescribeServiceDeploymentsResponse response;
  for (const std::string& arn : request.service_deployment_arns) {
    const api::ServiceDeployment* found = nullptr;
    for (const auto& [key, service] : state.services) {
      for (const api::ServiceDeployment& deployment : service.history) {
        found = deployment.service_deployment_arn == arn ? &deployment : found;
      }
    }
    if (found == nullptr) {
      response.failures.push_back(missing(arn));
    } else {
      response.service_deployments.push_back(*found);
    }
  }
  return response;
}

}  // namespace

void add_service_actions(Modules modules, ActionTable& table) {
  EcsState& state = modules.state;
  table.add<api::CreateServiceRequest>(
      [modules](const auto& r) { return create_service(modules, r); });
  table.add<api::UpdateServiceRequest>(
      [modules](const auto& r) { return update_service(modules, r); });
  table.add<api::DeleteServiceRequest>(
      [modules](const auto& r) { return delete_service(modules, r); });
  table.add<api::DescribeServicesRequest>(
      [&state](const auto& r) { return describe_services(state, r); });
  table.add<api::ListServicesRequest>([&state](const auto& r) { return list_services(state, r); });
  table.add<api::ListServiceDeploymentsRequest>(
      [&state](const auto& r) { return list_service_deployments(state, r); });
  table.add<api::DescribeServiceDeploymentsRequest>(
      [&state](const auto& r) { return describe_service_deployments(state, r); });
}

}  // namespace local::ecs
