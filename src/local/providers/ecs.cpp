#include "awsapi/ecs.hpp"

#include <algorithm>
#include <array>

#include "local/providers/api_call.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace ecs_api = awsapi::ecs;
using namespace std::chrono_literals;

// A service that gets neither steady nor failed is given up after this time; AWS waits three hours.
constexpr std::chrono::minutes kSteadyLimit{15};

constexpr std::array kServiceNames = {Renamed{"PlacementStrategies", "placementStrategy"}};

template <class Request>
util::Result<doc::Node, ApiError> call(const Providing& p, const doc::Node& input) {
  return call_api(p, Request::operation(), input);
}

// Tags that the template gave up, and those that it has now. Other changes of these types are made
// elsewhere.
Progress retag(const Providing& p, const ResourceRequest& request, const std::string& arn) {
  ResourceRequest before = request;
  before.properties = request.previous;
  const doc::Node now = tag_map(request);
  const doc::Node then = tag_map(before);
  doc::Sequence gone;
  for (const doc::Entry& tag : then.as_mapping()->entries) {
    if (now.find(tag.key.value) == nullptr) {
      gone.items.emplace_back(tag.key.value);
    }
  }
  if (!gone.items.empty()) {
    const awsapi::Operation& untag = ecs_api::UntagResourceRequest::operation();
    auto response = call_api(
        p,
        untag,
        doc::map({{"resourceArn", doc::Node{arn}}, {"tagKeys", doc::Node{std::move(gone)}}}));
    if (!response) {
      return handler_failure(request, untag, response.error());
    }
  }
  const awsapi::Operation& tag = ecs_api::TagResourceRequest::operation();
  auto response = call_api(
      p,
      tag,
      doc::map({{"resourceArn", doc::Node{arn}}, {"tags", tag_list(request, "key", "value")}}));
  return response ? Progress{} : handler_failure(request, tag, response.error());
}

Progress update_cluster(const Providing& p, const ResourceRequest& request) {
  return retag(p, request, p.context.arn("ecs", "cluster/" + request.physical_id));
}

Progress update_task_definition(const Providing& p, const ResourceRequest& request) {
  return retag(p, request, request.physical_id);
}

Progress create_cluster(const Providing& p, const ResourceRequest& request) {
  doc::Node input =
      to_request(request.properties, *ecs_api::CreateClusterRequest::operation().input);
  std::string name = text_property(request.properties, "ClusterName");
  if (name.empty()) {
    name = physical_name(p, request, 255);
  }
  input.as_mapping()->set("clusterName", doc::Node{name});
  input.as_mapping()->set("tags", tag_list(request, "key", "value"));
  auto response = call<ecs_api::CreateClusterRequest>(p, input);
  if (!response) {
    return handler_failure(request, ecs_api::CreateClusterRequest::operation(), response.error());
  }
  Progress out;
  out.physical_id = name;
  out.attributes = attributes({{"Arn", text_at(*response, {"cluster", "clusterArn"})}});
  return out;
}

Progress remove_cluster(const Providing& p, const ResourceRequest& request) {
  auto response = call<ecs_api::DeleteClusterRequest>(
      p, doc::map({{"cluster", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "ClusterNotFoundException") {
    return {};
  }
  // The last service of the stack may still be draining.
  if (response.error().code.starts_with("ClusterContains") &&
      p.context.now() - request.started < 60s) {
    Progress out;
    out.state = Progress::State::pending;
    return out;
  }
  return handler_failure(request, ecs_api::DeleteClusterRequest::operation(), response.error());
}

Progress create_task_definition(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = ecs_api::RegisterTaskDefinitionRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  if (input.find("family") == nullptr) {
    input.as_mapping()->set("family", doc::Node{physical_name(p, request, 255)});
  }
  input.as_mapping()->set("tags", tag_list(request, "key", "value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"taskDefinition", "taskDefinitionArn"});
  out.attributes = attributes({{"TaskDefinitionArn", out.physical_id}});
  return out;
}

Progress remove_task_definition(const Providing& p, const ResourceRequest& request) {
  // One that is gone or inactive already is as good as removed.
  (void)call<ecs_api::DeregisterTaskDefinitionRequest>(
      p, doc::map({{"taskDefinition", doc::Node{request.physical_id}}}));
  return {};
}

doc::Node describe_request(const ResourceRequest& request) {
  const std::string cluster = text_property(request.properties, "Cluster");
  doc::Node out = doc::map({{"services", doc::list({doc::Node{request.physical_id}})}});
  if (!cluster.empty()) {
    out.as_mapping()->set("cluster", doc::Node{cluster});
  }
  return out;
}

std::optional<doc::Node> describe(const Providing& p, const ResourceRequest& request) {
  auto response = call<ecs_api::DescribeServicesRequest>(p, describe_request(request));
  const doc::Node* service = response ? node_at(*response, {"services", "0"}) : nullptr;
  return service != nullptr ? std::optional(*service) : std::nullopt;
}

Progress waiting(doc::Node memo) {
  Progress out;
  out.state = Progress::State::pending;
  out.memo = std::move(memo);
  return out;
}

// The deployment that the last call began: the service is steady when it is the only one and
// completed.
doc::Node deployment_memo(const doc::Node& response) {
  return doc::map(
      {{"deployment", doc::Node{text_at(response, {"service", "deployments", "0", "id"})}}});
}

bool is_probed(const ecs_api::TaskDefinition& definition) {
  return std::any_of(definition.container_definitions.begin(),
                     definition.container_definitions.end(),
                     [](const ecs_api::ContainerDefinition& c) {
                       return c.essential.value_or(true) && c.health_check &&
                              !c.health_check->command.empty() &&
                              c.health_check->command.front() != "NONE";
                     });
}

// Every task of the deployment runs, and is healthy where somebody looks: what those that depend on
// the service may count on while it settles.
bool tasks_ready(const Providing& p, const ResourceRequest& request, const doc::Node& service) {
  const std::string deployment = text_property(request.memo, "deployment");
  ecs_api::DescribeTaskDefinitionRequest about;
  about.task_definition = text_at(service, {"taskDefinition"});
  const auto definition = p.actions.call(about);
  if (!definition || !definition->task_definition) {
    return false;
  }
  const bool probed = is_probed(*definition->task_definition);
  ecs_api::ListTasksRequest list;
  list.cluster = text_at(service, {"clusterArn"});
  list.service_name = text_at(service, {"serviceName"});
  std::int64_t ready = 0;
  do {
    const auto page = p.actions.call(list);
    if (!page || page->task_arns.empty()) {
      break;
    }
    ecs_api::DescribeTasksRequest ask;
    ask.cluster = list.cluster;
    ask.tasks = page->task_arns;
    if (const auto tasks = p.actions.call(ask)) {
      ready +=
          std::count_if(tasks->tasks.begin(), tasks->tasks.end(), [&](const ecs_api::Task& task) {
            return task.started_by == deployment && task.last_status == "RUNNING" &&
                   (!probed || task.health_status == "HEALTHY");
          });
    }
    list.next_token = page->next_token;
  } while (list.next_token);
  return std::to_string(ready) == text_at(service, {"desiredCount"});
}

Progress service_steady(const Providing& p, const ResourceRequest& request) {
  const auto service = describe(p, request);
  const std::string wanted = text_property(request.memo, "deployment");
  if (!service || text_at(*service, {"status"}) == "INACTIVE") {
    return handler_failure(
        request,
        "Service " + request.physical_id + " was deleted while the stack waited for it.",
        "NotFound");
  }
  const doc::Node* deployments = service->find("deployments");
  const doc::Sequence* list = deployments != nullptr ? deployments->as_sequence() : nullptr;
  const doc::Node* ours = nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    if (text_at(list->items[i], {"id"}) == wanted) {
      ours = &list->items[i];
    }
  }
  if (ours == nullptr || text_at(*ours, {"rolloutState"}) == "FAILED") {
    return handler_failure(
        request,
        "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.",
        "GeneralServiceException");
  }
  const bool all_running =
      text_at(*service, {"runningCount"}) == text_at(*service, {"desiredCount"});
  doc::Mapping made = attributes(
      {{"Name", text_at(*service, {"serviceName"})}, {"ServiceArn", request.physical_id}});
  if (text_at(*ours, {"rolloutState"}) == "COMPLETED" && list->items.size() == 1 && all_running) {
    Progress out;
    out.physical_id = request.physical_id;
    out.attributes = std::move(made);
    return out;
  }
  if (p.context.now() - request.started > kSteadyLimit) {
    return handler_failure(request, "Exceeded attempts to wait", "NotStabilized");
  }
  Progress out = waiting(request.memo);
  if (all_running && tasks_ready(p, request, *service)) {
    out.configured = true;
    out.attributes = std::move(made);
  }
  return out;
}

Progress create_service(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = ecs_api::CreateServiceRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input, kServiceNames);
  doc::Mapping& map = *input.as_mapping();
  if (map.find("serviceName") == nullptr) {
    map.set("serviceName", doc::Node{physical_name(p, request, 255)});
  }
  if (map.find("desiredCount") == nullptr &&
      text_property(request.properties, "SchedulingStrategy") != "DAEMON") {
    map.set("desiredCount", doc::Node{1});
  }
  map.set("clientToken", doc::Node{request.token});
  map.set("tags", tag_list(request, "key", "value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out = waiting(deployment_memo(*response));
  out.physical_id = text_at(*response, {"service", "serviceArn"});
  out.again = 10ms;
  return out;
}

Progress update_service(const Providing& p, const ResourceRequest& request) {
  if (Progress tagged = retag(p, request, request.physical_id);
      tagged.state == Progress::State::failed) {
    return tagged;
  }
  const awsapi::Operation& operation = ecs_api::UpdateServiceRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input, kServiceNames);
  doc::Mapping& map = *input.as_mapping();
  map.set("service", doc::Node{request.physical_id});
  const doc::Node* force = request.properties.find("ForceNewDeployment");
  const doc::Node* before = request.previous.find("ForceNewDeployment");
  map.erase("forceNewDeployment");
  if (force != nullptr && (before == nullptr || !doc::equivalent(*force, *before))) {
    map.set("forceNewDeployment",
            doc::Node{util::iequals(text_property(*force, "EnableForceNewDeployment"), "true")});
  }
  // A list that the template no longer has is an empty list, not "keep".
  for (const std::string_view list : {"loadBalancers", "serviceRegistries"}) {
    const std::string property = list == "loadBalancers" ? "LoadBalancers" : "ServiceRegistries";
    if (request.previous.find(property) != nullptr && map.find(list) == nullptr) {
      map.set(list, doc::list({}));
    }
  }
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  return waiting(deployment_memo(*response));
}

Progress remove_service(const Providing& p, const ResourceRequest& request) {
  doc::Node input =
      doc::map({{"service", doc::Node{request.physical_id}}, {"force", doc::Node{true}}});
  const std::string cluster = text_property(request.properties, "Cluster");
  if (!cluster.empty()) {
    input.as_mapping()->set("cluster", doc::Node{cluster});
  }
  auto response = call<ecs_api::DeleteServiceRequest>(p, input);
  if (!response) {
    const std::string& code = response.error().code;
    if (code == "ServiceNotFoundException" || code == "ClusterNotFoundException" ||
        code == "ServiceNotActiveException") {
      return {};
    }
    return handler_failure(request, ecs_api::DeleteServiceRequest::operation(), response.error());
  }
  return waiting({});
}

Progress service_removed(const Providing& p, const ResourceRequest& request) {
  const auto service = describe(p, request);
  if (!service || text_at(*service, {"status"}) == "INACTIVE") {
    return {};
  }
  if (p.context.now() - request.started > kSteadyLimit) {
    return handler_failure(request, "Exceeded attempts to wait", "NotStabilized");
  }
  return waiting({});
}

constexpr Provider kEcs[] = {
    {.type = "AWS::ECS::Cluster",
     .create = create_cluster,
     .update = update_cluster,
     .remove = remove_cluster,
     .removed = remove_cluster},
    {.type = "AWS::ECS::TaskDefinition",
     .create = create_task_definition,
     .update = update_task_definition,
     .remove = remove_task_definition},
    {.type = "AWS::ECS::Service",
     .create = create_service,
     .update = update_service,
     .remove = remove_service,
     .created = service_steady,
     .updated = service_steady,
     .removed = service_removed},
};

}  // namespace

std::span<const Provider> ecs_providers() {
  return kEcs;
}

}  // namespace local
