#include <algorithm>

#include "cloudformation/fargate_sizes.hpp"
#include "local/actions/ecs-impl.hpp"
#include "local/actions/ecs_validation.hpp"
#include "local/scheduler/new_task.hpp"

namespace local::ecs {
namespace {

constexpr std::int64_t kMostTasksPerPage = 100;
constexpr std::int64_t kMostTasksPerRun = 10;

std::optional<ApiError> override_problem(const api::RunTaskRequest& request) {
  if (!request.overrides) {
    return std::nullopt;
  }
  const auto cpu = normal_cpu(request.overrides->cpu);
  const auto memory = normal_memory(request.overrides->memory);
  if ((cpu && !util::parse_int(*cpu)) || (memory && !util::parse_int(*memory))) {
    return invalid_parameter("Task CPU or memory of the overrides is not a number.");
  }
  if (cpu && memory && request.launch_type.value_or("FARGATE") == "FARGATE" &&
      !cloudformation::is_fargate_size(*util::parse_int(*cpu), *util::parse_int(*memory))) {
    return client_error("No Fargate configuration exists for given values: " + *cpu + " CPU, " +
                        *memory +
                        " memory. See the Amazon ECS documentation for the valid values.");
  }
  return std::nullopt;
}

std::vector<api::Tag> tags_of_run(const EcsState& state,
                                  const api::RunTaskRequest& request,
                                  const api::TaskDefinition& definition,
                                  const std::string& cluster) {
  std::vector<api::Tag> out = request.tags;
  if (request.propagate_tags == "TASK_DEFINITION") {
    const auto tags = state.task_definition_tags.find(*definition.task_definition_arn);
    for (const api::Tag& tag :
         tags == state.task_definition_tags.end() ? std::vector<api::Tag>{} : tags->second) {
      if (std::none_of(
              out.begin(), out.end(), [&](const api::Tag& t) { return t.key == tag.key; })) {
        out.push_back(tag);
      }
    }
  }
  if (request.enable_ecs_managed_tags.value_or(false)) {
    out.push_back(api::Tag{"aws:ecs:clusterName", cluster});
  }
  return out;
}

Answer<api::RunTaskResponse> run_task(Modules modules, const api::RunTaskRequest& request) {
  EcsState& state = modules.state;
  auto cluster = state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  const api::TaskDefinition* definition = state.task_definition(request.task_definition);
  if (definition == nullptr) {
    return util::unexpected(client_error("TaskDefinition not found."));
  }
  if (definition->status != "ACTIVE") {
    return util::unexpected(client_error("TaskDefinition is inactive"));
  }
  const std::int64_t count = request.count.value_or(1);
  if (count < 1 || count > kMostTasksPerRun) {
    return util::unexpected(invalid_parameter("count must be between 1 and 10."));
  }
  if (definition->network_mode == "awsvpc" &&
      (!request.network_configuration || !request.network_configuration->awsvpc_configuration)) {
    return util::unexpected(invalid_parameter(
        "Network Configuration must be provided when networkMode 'awsvpc' is specified."));
  }
  if (request.overrides) {
    for (const api::ContainerOverride& override_ : request.overrides->container_overrides) {
      if (std::none_of(definition->container_definitions.begin(),
                       definition->container_definitions.end(),
                       [&](const auto& c) { return c.name == override_.name; })) {
        return util::unexpected(invalid_parameter("Override for container named " +
                                                  override_.name.value_or("") +
                                                  " is not a container in the TaskDefinition."));
      }
    }
  }
  if (auto problem = override_problem(request)) {
    return util::unexpected(std::move(*problem));
  }
  api::RunTaskResponse response;
  const std::string& cluster_name = *(*cluster)->wire.cluster_name;
  const std::string token = request.client_token.value_or("");
  for (const auto& [id, task] : state.tasks) {
    if (!token.empty() && task.client_token == token && task.cluster == cluster_name) {
      response.tasks.push_back(task.wire);  // the same call, sent twice
    }
  }
  if (!response.tasks.empty()) {
    return response;
  }
  std::vector<std::string> ids;
  for (std::int64_t i = 0; i < count; ++i) {
    NewTask task;
    task.cluster = *(*cluster)->wire.cluster_name;
    task.definition = definition;
    task.revision.network_configuration = request.network_configuration;
    task.revision.launch_type = request.launch_type;
    task.revision.capacity_provider_strategy = request.capacity_provider_strategy;
    task.overrides = request.overrides;
    task.group = request.group.value_or("family:" + *definition->family);
    task.started_by = request.started_by.value_or("");
    task.tags = tags_of_run(state, request, *definition, cluster_name);
    task.client_token = token;
    task.execute_command = request.enable_execute_command.value_or(false);
    task.ordinal = state.tasks.size();
    const TaskRecord& record = make_task(state, modules.actions, std::move(task));
    ids.push_back(record.id);
    response.tasks.push_back(record.wire);
  }
  for (const std::string& id : ids) {
    modules.runner.advance(id);
  }
  return response;
}

Answer<api::StopTaskResponse> stop_task(Modules modules, const api::StopTaskRequest& request) {
  auto cluster = modules.state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  TaskRecord* task = modules.state.task(*(*cluster)->wire.cluster_name, request.task);
  if (task == nullptr) {
    return util::unexpected(invalid_parameter("The referenced task was not found."));
  }
  modules.runner.stop(*task, "UserInitiated", request.reason.value_or("Task stopped by user"));
  api::StopTaskResponse response;
  response.task = task->wire;
  return response;
}

Answer<api::DescribeTasksResponse> describe_tasks(EcsState& state,
                                                  const api::DescribeTasksRequest& request) {
  auto cluster = state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  if (request.tasks.empty()) {
    return util::unexpected(invalid_parameter("Tasks cannot be empty."));
  }
  if (request.tasks.size() > static_cast<std::size_t>(kMostTasksPerPage)) {
    return util::unexpected(invalid_parameter("Tasks cannot have more than 100 elements"));
  }
  const std::string& cluster_name = *(*cluster)->wire.cluster_name;
  api::DescribeTasksResponse response;
  for (const std::string& name : request.tasks) {
    const TaskRecord* task = state.task(cluster_name, name);
    if (task == nullptr) {
      response.failures.push_back(missing(state.task_arn(cluster_name, last_segment(name))));
      continue;
    }
    api::Task wire = task->wire;
    if (!includes(request.include, "TAGS")) {
      wire.tags.clear();
    }
    response.tasks.push_back(std::move(wire));
  }
  return response;
}

Answer<api::ListTasksResponse> list_tasks(EcsState& state, const api::ListTasksRequest& request) {
  auto cluster = state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  const std::string& cluster_name = *(*cluster)->wire.cluster_name;
  if (request.service_name) {
    if (const auto service = state.service(cluster_name, *request.service_name); !service) {
      return util::unexpected(service.error());
    }
  }
  const std::string status = request.desired_status.value_or("RUNNING");
  std::vector<const TaskRecord*> found;
  for (const auto& [id, task] : state.tasks) {
    const api::TaskDefinition* definition = state.task_definition(*task.wire.task_definition_arn);
    const bool wanted =
        task.cluster == cluster_name && task.wire.desired_status == status &&
        (!request.service_name || task.service == last_segment(*request.service_name)) &&
        (!request.started_by || task.wire.started_by == request.started_by) &&
        (!request.family || (definition != nullptr && definition->family == request.family)) &&
        (!request.launch_type || task.wire.launch_type == request.launch_type);
    if (wanted) {
      found.push_back(&task);
    }
  }
  std::sort(found.begin(), found.end(), [](const TaskRecord* a, const TaskRecord* b) {
    return a->wire.created_at < b->wire.created_at ||
           (a->wire.created_at == b->wire.created_at && a->id < b->id);
  });
  std::vector<std::string> arns;
  for (const TaskRecord* task : found) {
    arns.push_back(*task->wire.task_arn);
  }
  auto page = page_of(arns,
                      request.next_token,
                      std::min(request.max_results.value_or(kMostTasksPerPage), kMostTasksPerPage));
  if (!page) {
    return util::unexpected(page.error());
  }
  api::ListTasksResponse response;
  response.task_arns = std::move(page->items);
  response.next_token = page->next_token;
  return response;
}

}  // namespace

void add_task_actions(Modules modules, ActionTable& table) {
  EcsState& state = modules.state;
  table.add<api::RunTaskRequest>([modules](const auto& r) { return run_task(modules, r); });
  table.add<api::StopTaskRequest>([modules](const auto& r) { return stop_task(modules, r); });
  table.add<api::DescribeTasksRequest>(
      [&state](const auto& r) { return describe_tasks(state, r); });
  table.add<api::ListTasksRequest>([&state](const auto& r) { return list_tasks(state, r); });
}

}  // namespace local::ecs
