#include "convert/container_order.hpp"

#include <algorithm>

#include "convert/discovery.hpp"
#include "convert/extensions.hpp"
#include "convert/health_check.hpp"
#include "convert/logging.hpp"
#include "convert/naming.hpp"

namespace convert {
namespace {

const TaskMember* find_member(const Task& task, const std::string& service) {
  const auto at =
      std::find_if(task.members.begin(), task.members.end(), [&](const TaskMember& member) {
        return member.service->name == service;
      });
  return at == task.members.end() ? nullptr : &*at;
}

bool is_awaited(const Task& task, const compose::Service& service) {
  return std::any_of(task.members.begin(), task.members.end(), [&](const TaskMember& member) {
    const auto& list = member.service->depends_on;
    return std::any_of(list.begin(), list.end(), [&](const compose::Dependency& dependency) {
      return dependency.service == service.name &&
             dependency.condition == compose::Condition::completed_successfully;
    });
  });
}

bool restarts(const compose::Service& service) {
  if (service.deploy && service.deploy->restart_policy &&
      service.deploy->restart_policy->condition) {
    return service.deploy->restart_policy->condition->value != "none";
  }
  return service.restart && service.restart->value != "no";
}

bool restarts_on_failure(const compose::Service& service) {
  if (service.deploy && service.deploy->restart_policy &&
      service.deploy->restart_policy->condition) {
    return service.deploy->restart_policy->condition->value == "on-failure";
  }
  return service.restart && service.restart->value.starts_with("on-failure");
}

doc::Node dependency_node(const std::string& container, std::string_view condition) {
  return Fields().add("ContainerName", container).add("Condition", condition).node();
}

std::string_view condition_of(Builder& builder,
                              const compose::Dependency& dependency,
                              const compose::Service& other) {
  switch (dependency.condition) {
    case compose::Condition::started: return "START";
    case compose::Condition::completed_successfully: return "SUCCESS";
    case compose::Condition::healthy: break;
  }
  const bool checks = other.healthcheck && !other.healthcheck->disable && other.healthcheck->test &&
                      !other.healthcheck->test->empty() &&
                      other.healthcheck->test->front().value != "NONE";
  if (checks) {
    return "HEALTHY";
  }
  builder.warning("convert.approximated",
                  dependency.span,
                  "`" + other.name + "` has no health check: it is waited for until it has started",
                  "write the image's health check as `healthcheck`; ECS does not read it there");
  return "START";
}

}  // namespace

bool is_essential(const Task& task, const TaskMember& member) {
  const compose::Service& service = *member.service;
  const doc::Node* wish = service.extensions.find("x-aws-essential");
  if (wish != nullptr && wish->as_bool() != nullptr) {
    return *wish->as_bool();
  }
  if (task.kind == TaskKind::job || is_awaited(task, service)) {
    return false;
  }
  const bool leads = &service == &task.leader();
  return leads || !(service.restart && service.restart->value == "no");
}

doc::Node container_dependencies(Builder& builder, const Task& task, const TaskMember& member) {
  doc::Sequence out;
  if (!member.files.files.empty()) {
    out.items.push_back(dependency_node(file_container_name(*member.service), "SUCCESS"));
  }
  if (searches_by_container(builder.project(), task.leader())) {
    out.items.push_back(dependency_node(std::string(kSearchContainer), "SUCCESS"));
  }
  for (const compose::Dependency& dependency : member.service->depends_on) {
    const TaskMember* other = find_member(task, dependency.service);
    if (other != nullptr && !dependency.implicit) {
      out.items.push_back(dependency_node(ecs_name(dependency.service),
                                          condition_of(builder, dependency, *other->service)));
    }
  }
  return doc::Node(std::move(out));
}

doc::Node restart_policy(const Task& task, const TaskMember& member) {
  const compose::Service& service = *member.service;
  if (task.members.size() == 1 || !restarts(service) || is_awaited(task, service)) {
    return {};
  }
  Fields out;
  out.add("Enabled", true);
  if (restarts_on_failure(service)) {
    out.add("IgnoredExitCodes", items(0));
  }
  out.add("RestartAttemptPeriod", 60);
  return std::move(out).node();
}

doc::Node done_container(Builder& builder, const Task& task) {
  const compose::Service& service = task.leader();
  Fields out;
  out.add("Name", ecs_name(service.name) + "--done")
      .add("Image", init_image(builder, service))
      .add("Essential", true)
      .add("EntryPoint", items("sh", "-c"))
      .add("Command", items("trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"))
      .add("DependsOn", items(dependency_node(ecs_name(service.name), "SUCCESS")));
  return std::move(out).node();
}

}  // namespace convert
