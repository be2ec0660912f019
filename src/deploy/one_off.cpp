#include "deploy/one_off.hpp"

#include <algorithm>
#include <map>

#include "awsapi/cloudformation.hpp"
#include "awsapi/ecs.hpp"
#include "util/strings.hpp"

namespace deploy {
namespace {

namespace ecs = awsapi::ecs;

ApiError refusal(std::string message) {
  return {ApiError::Kind::answered, {}, std::move(message)};
}

struct Resources {
  std::map<std::string, std::string> by_id;  // physical ids
  std::vector<std::string> services;         // ARNs of ECS services
};

ApiResult<Resources> read_resources(Api& api, const RemoteStack& stack) {
  awsapi::cloudformation::ListStackResourcesRequest request;
  request.stack_name = stack.id.empty() ? stack.name : stack.id;
  Resources out;
  auto read = api.for_each_page(request, [&](const auto& page) {
    for (const auto& resource : page.stack_resource_summaries) {
      const std::string id = resource.physical_resource_id.value_or("");
      out.by_id[resource.logical_resource_id] = id;
      if (resource.resource_type == "AWS::ECS::Service" && !id.empty()) {
        out.services.push_back(id);
      }
    }
    return true;
  });
  return read ? ApiResult<Resources>(std::move(out)) : util::unexpected(std::move(read.error()));
}

// arn:aws:ecs:<region>:<account>:service/<cluster>/<name>
std::string cluster_in(const std::string& service_arn) {
  const std::vector<std::string> parts = util::split(service_arn, '/');
  return parts.size() == 3 ? parts[1] : std::string("default");
}

// A service that tells where tasks of the stack run: the Compose service's own when it has one.
ApiResult<ecs::Service> neighbour(Api& api, const Resources& resources, const std::string& name) {
  std::optional<ecs::Service> found;
  for (const std::string& arn : resources.services) {
    ecs::DescribeServicesRequest request;
    request.cluster = cluster_in(arn);
    request.services = {arn};
    request.include = {"TAGS"};
    auto answer = api.send(request);
    if (!answer) {
      return util::unexpected(std::move(answer.error()));
    }
    for (ecs::Service& service : answer->services) {
      const bool own = std::any_of(service.tags.begin(), service.tags.end(), [&](const auto& tag) {
        return tag.key.value_or("") == "com.docker.compose.service" &&
               tag.value.value_or("") == name;
      });
      if (own) {
        return std::move(service);
      }
      if (!found) {
        found = std::move(service);
      }
    }
  }
  if (!found) {
    return util::unexpected(refusal("no service of the stack runs, which would tell where"));
  }
  return std::move(*found);
}

ecs::ContainerOverride override_of(const OneOff& one_off) {
  ecs::ContainerOverride out;
  out.name = one_off.container;
  out.command = one_off.command;
  for (const auto& [name, value] : one_off.environment) {
    out.environment.push_back({name, value});
  }
  return out;
}

// That of the neighbour, in the security groups of the one-off's own networks.
std::optional<ecs::NetworkConfiguration> network_of(const ecs::Service& service,
                                                    const Resources& resources,
                                                    const OneOff& one_off) {
  std::optional<ecs::NetworkConfiguration> out = service.network_configuration;
  std::vector<std::string> groups;
  for (const std::string& id : one_off.security_group_ids) {
    if (const auto at = resources.by_id.find(id); at != resources.by_id.end()) {
      groups.push_back(at->second);
    }
  }
  if (out && out->awsvpc_configuration && !groups.empty()) {
    out->awsvpc_configuration->security_groups = std::move(groups);
  }
  return out;
}

}  // namespace

ApiResult<RunningTask> start_one_off(Api& api, const RemoteStack& stack, const OneOff& one_off) {
  const auto resources = read_resources(api, stack);
  if (!resources) {
    return util::unexpected(resources.error());
  }
  const auto definition = resources->by_id.find(one_off.task_definition_id);
  if (definition == resources->by_id.end() || definition->second.empty()) {
    return util::unexpected(refusal(
        "stack `" + stack.name + "` has no task definition for service `" + one_off.service + "`"));
  }
  const auto service = neighbour(api, *resources, one_off.service);
  if (!service) {
    return util::unexpected(service.error());
  }
  ecs::RunTaskRequest request;
  request.cluster = service->cluster_arn;
  request.task_definition = definition->second;
  request.launch_type = "FARGATE";
  request.count = 1;
  request.network_configuration = network_of(*service, *resources, one_off);
  request.propagate_tags = "TASK_DEFINITION";
  request.started_by = "docker-ecs compose run";
  request.overrides = ecs::TaskOverride{};
  request.overrides->container_overrides.push_back(override_of(one_off));
  const auto answer = api.send(request);
  if (!answer) {
    return util::unexpected(answer.error());
  }
  if (answer->tasks.empty()) {
    return util::unexpected(refusal(answer->failures.empty()
                                        ? std::string("no task was started")
                                        : answer->failures.front().reason.value_or("") + " " +
                                              answer->failures.front().detail.value_or("")));
  }
  return RunningTask{service->cluster_arn.value_or("default"),
                     answer->tasks.front().task_arn.value_or("")};
}

ApiResult<TaskState> read_task(Api& api, const RunningTask& task, const std::string& container) {
  ecs::DescribeTasksRequest request;
  request.cluster = task.cluster;
  request.tasks = {task.arn};
  const auto answer = api.send(request);
  if (!answer) {
    return util::unexpected(answer.error());
  }
  TaskState out;
  if (answer->tasks.empty()) {
    out.status = "PROVISIONING";  // not known everywhere yet
    return out;
  }
  const ecs::Task& found = answer->tasks.front();
  out.status = found.last_status.value_or("");
  out.reason = found.stopped_reason.value_or("");
  for (const ecs::Container& each : found.containers) {
    if (each.name.value_or("") == container) {
      out.exit_code = each.exit_code;
      out.reason = each.reason && !each.reason->empty() ? *each.reason : out.reason;
    }
  }
  return out;
}

ApiResult<void> stop_task(Api& api, const RunningTask& task) {
  ecs::StopTaskRequest request;
  request.cluster = task.cluster;
  request.task = task.arn;
  request.reason = "stopped by docker ecs compose run";
  const auto answer = api.send(request);
  return answer ? ApiResult<void>() : util::unexpected(answer.error());
}

}  // namespace deploy
