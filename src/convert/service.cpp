#include "convert/service.hpp"

#include <algorithm>

#include "convert/autoscaling.hpp"
#include "convert/capacity.hpp"
#include "convert/deployment.hpp"
#include "convert/discovery.hpp"
#include "convert/listener_rules.hpp"
#include "convert/naming.hpp"
#include "convert/network.hpp"
#include "convert/own_vpc.hpp"
#include "convert/placement.hpp"
#include "convert/target_group.hpp"
#include "convert/volumes.hpp"

namespace convert {
namespace {

struct LoadBalancing {
  doc::Sequence targets;
  std::vector<cloudformation::LogicalId> listeners;
};

LoadBalancing load_balancing(const TaskGroup& group, const std::vector<PublishedPort>& ports) {
  LoadBalancing out;
  for (const compose::Service* service : group.services) {
    for (const PublishedPort& port : ports_of(ports, *service)) {
      out.targets.items.push_back(
          Fields()
              .add("ContainerName", ecs_name(service->name))
              .add("ContainerPort", std::int64_t{port.target})
              .add("TargetGroupArn", cloudformation::ref(port.id("TargetGroup").str()))
              .node());
      for (cloudformation::LogicalId& id : forwarders(port)) {
        out.listeners.push_back(std::move(id));
      }
    }
  }
  return out;
}

void add_dependencies(const TaskGroups& groups,
                      const TaskGroup& group,
                      std::vector<cloudformation::LogicalId>& out) {
  for (const TaskGroup* other : groups.before(group)) {
    if (other->kind == TaskKind::service || other->kind == TaskKind::job) {
      out.push_back(logical_id(other->leader().name, "Service"));
    }
  }
}

std::vector<cloudformation::LogicalId> mount_targets_of(const compose::Project& project,
                                                        const TaskGroup& group) {
  std::vector<cloudformation::LogicalId> out;
  for (const compose::Service* service : group.services) {
    for (cloudformation::LogicalId& id : volume_dependencies(project, *service)) {
      if (std::find(out.begin(), out.end(), id) == out.end()) {
        out.push_back(std::move(id));
      }
    }
  }
  return out;
}

void check_target_groups(Builder& builder, const compose::Service& service, std::size_t count) {
  constexpr std::size_t kMost = 5;  // ECS: target groups per service
  if (count > kMost) {
    builder.error("convert.too-many-ports",
                  service.ports.empty() ? service.span : service.ports.front().span,
                  "`" + service.name + "` publishes " + std::to_string(count) +
                      " ports: an ECS service can have 5 target groups");
  }
}

bool group_has_volumes(const compose::Project& project, const TaskGroup& group) {
  return std::any_of(
      group.services.begin(), group.services.end(), [&](const compose::Service* service) {
        return has_volumes(project, *service);
      });
}

}  // namespace

doc::Node network_configuration(const Builder& builder,
                                const TaskGroups& groups,
                                const TaskGroup& group) {
  doc::Sequence security_groups;
  for (const std::string& network : groups.networks(group)) {
    security_groups.items.push_back(security_group_id(builder.project(), network));
  }
  return Fields()
      .add("AwsvpcConfiguration",
           Fields()
               .add("AssignPublicIp", assign_public_ip(builder.project()))
               .add("Subnets",
                    group_has_volumes(builder.project(), group) ? volume_subnets(builder.project())
                                                                : task_subnets(builder.project()))
               .add("SecurityGroups", doc::Node(std::move(security_groups)))
               .node())
      .node();
}

void add_service(Builder& builder,
                 const TaskGroups& groups,
                 const TaskGroup& group,
                 const std::vector<PublishedPort>& ports) {
  const compose::Service& service = group.leader();
  const bool has_name = group.kind == TaskKind::service;
  if (has_name) {
    add_discovery_entry(builder, service);
  }
  LoadBalancing balancing = load_balancing(group, ports);
  check_target_groups(builder, service, balancing.targets.items.size());
  Fields properties;
  properties.add("Cluster", cluster_arn(builder.project()))
      .add("TaskDefinition", cloudformation::ref(logical_id(service.name, "TaskDefinition").str()));
  if (!is_scaled(service)) {
    properties.add("DesiredCount", service.replicas());
  }
  add_capacity(builder, service, properties);
  properties.add("SchedulingStrategy", "REPLICA")
      .add("DeploymentConfiguration", deployment_configuration(builder, service))
      .add("NetworkConfiguration", network_configuration(builder, groups, group));
  if (!balancing.targets.items.empty()) {
    properties.add("LoadBalancers", doc::Node(std::move(balancing.targets)))
        .add("HealthCheckGracePeriodSeconds", grace_seconds(service, ports));
  }
  if (has_name) {
    add_discovery_properties(properties, builder.project(), service);
  }
  properties.add("EnableECSManagedTags", true)
      .add("PropagateTags", "SERVICE")
      .add("Tags", builder.tags("service", service.name));
  cloudformation::Resource out = resource(logical_id(service.name, "Service"),
                                          "AWS::ECS::Service",
                                          std::move(properties),
                                          service.span);
  out.depends_on = std::move(balancing.listeners);
  for (cloudformation::LogicalId& id : own_vpc_dependencies(builder.project())) {
    out.depends_on.push_back(std::move(id));
  }
  for (cloudformation::LogicalId& id : mount_targets_of(builder.project(), group)) {
    out.depends_on.push_back(std::move(id));
  }
  if (auto id = capacity_dependency(builder.project(), service)) {
    out.depends_on.push_back(std::move(*id));
  }
  add_dependencies(groups, group, out.depends_on);
  builder.add(std::move(out));
}

}  // namespace convert
