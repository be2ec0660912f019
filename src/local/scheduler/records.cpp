#include "local/scheduler/records.hpp"

#include <algorithm>
#include <array>

namespace local::ecs {
namespace {

using awsapi::EmptyLists;
using doc::Mapping;
using doc::Node;

constexpr std::array<std::pair<ContainerPhase, std::string_view>, 8> kPhases{{
    {ContainerPhase::none, "none"},
    {ContainerPhase::creating, "creating"},
    {ContainerPhase::created, "created"},
    {ContainerPhase::starting, "starting"},
    {ContainerPhase::running, "running"},
    {ContainerPhase::stopping, "stopping"},
    {ContainerPhase::stopped, "stopped"},
    {ContainerPhase::removed, "removed"},
}};

ContainerPhase phase_named(std::string_view name) {
  const auto* at =
      std::find_if(kPhases.begin(), kPhases.end(), [&](const auto& p) { return p.second == name; });
  return at == kPhases.end() ? ContainerPhase::none : at->first;
}

std::string text_in(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const std::string* text = at == nullptr ? nullptr : at->as_string();
  return text == nullptr ? std::string() : *text;
}

std::int64_t number_in(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const std::int64_t* number = at == nullptr ? nullptr : at->as_int();
  return number == nullptr ? 0 : *number;
}

bool flag_in(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const bool* flag = at == nullptr ? nullptr : at->as_bool();
  return flag != nullptr && *flag;
}

template <class F>
void each_in(const Node& node, std::string_view key, F f) {
  const Node* at = node.find(key);
  if (const doc::Sequence* items = at == nullptr ? nullptr : at->as_sequence()) {
    for (const Node& item : items->items) {
      f(item);
    }
  }
}

template <class T, class F>
Node list_of(const std::vector<T>& items, F to) {
  doc::Sequence out;
  for (const T& item : items) {
    out.items.push_back(to(item));
  }
  return Node{std::move(out)};
}

template <class Wire>
Wire wire_in(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  return at == nullptr ? Wire{} : Wire::from_node(*at);
}

Node container_node(const ContainerRecord& c) {
  Mapping out;
  out.set("name", Node{c.name});
  out.set("dockerId", Node{c.docker_id});
  out.set("phase", Node{name_of(c.phase)});
  if (c.exit_code) {
    out.set("exitCode", Node{*c.exit_code});
  }
  out.set("outOfMemory", Node{c.out_of_memory});
  out.set("health", Node{c.health});
  out.set("startedMs", Node{c.started_ms});
  out.set("restarts", Node{c.restarts});
  return Node{std::move(out)};
}

ContainerRecord container_in(const Node& node) {
  ContainerRecord c;
  c.name = text_in(node, "name");
  c.docker_id = text_in(node, "dockerId");
  c.phase = phase_named(text_in(node, "phase"));
  if (node.find("exitCode") != nullptr) {
    c.exit_code = number_in(node, "exitCode");
  }
  c.out_of_memory = flag_in(node, "outOfMemory");
  c.health = text_in(node, "health");
  c.started_ms = number_in(node, "startedMs");
  c.restarts = number_in(node, "restarts");
  return c;
}

Node deployment_node(const DeploymentRecord& d) {
  return doc::map({{"wire", d.wire.to_node(EmptyLists::omit)},
                   {"revision", d.revision.to_node(EmptyLists::omit)},
                   {"failures", Node{d.failures}},
                   {"lastFailureMs", Node{d.last_failure_ms}}});
}

DeploymentRecord deployment_in(const Node& node) {
  return {wire_in<api::Deployment>(node, "wire"),
          wire_in<api::Service>(node, "revision"),
          number_in(node, "failures"),
          number_in(node, "lastFailureMs")};
}

}  // namespace

std::string_view name_of(ContainerPhase phase) {
  return std::find_if(
             kPhases.begin(), kPhases.end(), [&](const auto& p) { return p.first == phase; })
      ->second;
}

Node to_node(const TaskRecord& task) {
  return doc::map({
      {"wire", task.wire.to_node(EmptyLists::omit)},
      {"id", Node{task.id}},
      {"cluster", Node{task.cluster}},
      {"service", Node{task.service}},
      {"deployment", Node{task.deployment}},
      {"clientToken", Node{task.client_token}},
      {"revision", task.revision.to_node(EmptyLists::omit)},
      {"containers", list_of(task.containers, container_node)},
      {"targets",
       list_of(task.targets,
               [](const TargetRecord& t) {
                 return doc::map({{"targetGroup", Node{t.target_group}},
                                  {"address", Node{t.address}},
                                  {"port", Node{t.port}}});
               })},
      {"instances", list_of(task.instances, [](const std::string& arn) { return Node{arn}; })},
      {"draining", Node{task.draining}},
      {"failedLaunch", Node{task.failed_launch}},
      {"counted", Node{task.counted}},
  });
}

TaskRecord task_from(const Node& node) {
  TaskRecord task;
  task.wire = wire_in<api::Task>(node, "wire");
  task.id = text_in(node, "id");
  task.cluster = text_in(node, "cluster");
  task.service = text_in(node, "service");
  task.deployment = text_in(node, "deployment");
  task.client_token = text_in(node, "clientToken");
  task.revision = wire_in<api::Service>(node, "revision");
  each_in(
      node, "containers", [&](const Node& item) { task.containers.push_back(container_in(item)); });
  each_in(node, "targets", [&](const Node& item) {
    task.targets.push_back(
        {text_in(item, "targetGroup"), text_in(item, "address"), number_in(item, "port")});
  });
  each_in(
      node, "instances", [&](const Node& item) { task.instances.push_back(*item.as_string()); });
  task.draining = flag_in(node, "draining");
  task.failed_launch = flag_in(node, "failedLaunch");
  task.counted = flag_in(node, "counted");
  return task;
}

Node to_node(const ServiceRecord& service) {
  Mapping out;
  out.set("wire", service.wire.to_node(EmptyLists::omit));
  out.set("cluster", Node{service.cluster});
  out.set("deployments", list_of(service.deployments, deployment_node));
  if (service.last_completed) {
    out.set("lastCompleted", deployment_node(*service.last_completed));
  }
  out.set("history", list_of(service.history, [](const api::ServiceDeployment& d) {
            return d.to_node(EmptyLists::omit);
          }));
  out.set("steady", Node{service.steady});
  if (service.connect) {
    out.set("connect", service.connect->to_node(EmptyLists::omit));
  }
  return Node{std::move(out)};
}

ServiceRecord service_from(const Node& node) {
  ServiceRecord service;
  service.wire = wire_in<api::Service>(node, "wire");
  service.cluster = text_in(node, "cluster");
  each_in(node, "deployments", [&](const Node& item) {
    service.deployments.push_back(deployment_in(item));
  });
  if (const Node* last = node.find("lastCompleted")) {
    service.last_completed = deployment_in(*last);
  }
  each_in(node, "history", [&](const Node& item) {
    service.history.push_back(api::ServiceDeployment::from_node(item));
  });
  service.steady = flag_in(node, "steady");
  if (const Node* connect = node.find("connect")) {
    service.connect = api::ServiceConnectConfiguration::from_node(*connect);
  }
  return service;
}

}  // namespace local::ecs
