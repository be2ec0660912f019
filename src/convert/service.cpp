#include "convert/service.hpp"

#include <algorithm>
#include <chrono>

#include "convert/deployment.hpp"
#include "convert/naming.hpp"
#include "convert/network.hpp"
#include "convert/own_vpc.hpp"
#include "convert/placement.hpp"
#include "convert/volumes.hpp"

namespace convert {
namespace {

constexpr std::int64_t kLeastGraceSeconds = 60;

void add_discovery_entry(Builder& builder, const compose::Service& service) {
  doc::Node record = Fields().add("Type", "A").add("TTL", 10).node();
  builder.add(
      resource(logical_id(service.name, "ServiceDiscoveryEntry"),
               "AWS::ServiceDiscovery::Service",
               Fields()
                   .add("Name", service.name)
                   .add("Description", "Tasks of Compose service " + service.name)
                   .add("NamespaceId", cloudformation::ref("CloudMap"))
                   .add("DnsConfig",
                        Fields()
                            .add("RoutingPolicy", "MULTIVALUE")
                            .add("DnsRecords", items(std::move(record)))
                            .node())
                   .add("HealthCheckCustomConfig", Fields().add("FailureThreshold", 1).node())
                   .add("Tags", builder.tags("service", service.name)),
               service.span));
}

doc::Node network_configuration(const Builder& builder, const compose::Service& service) {
  doc::Sequence groups;
  for (const std::string& network : networks_of(service)) {
    groups.items.push_back(security_group_id(builder.project(), network));
  }
  return Fields()
      .add("AwsvpcConfiguration",
           Fields()
               .add("AssignPublicIp", assign_public_ip(builder.project()))
               .add("Subnets",
                    has_volumes(service) ? volume_subnets(builder.project())
                                         : task_subnets(builder.project()))
               .add("SecurityGroups", doc::Node(std::move(groups)))
               .node())
      .node();
}

// Longer than the container may take to become healthy, so that the load balancer does not end it
// before.
std::int64_t grace_seconds(const compose::Service& service) {
  if (!service.healthcheck || !service.healthcheck->start_period) {
    return kLeastGraceSeconds;
  }
  const auto start =
      std::chrono::ceil<std::chrono::seconds>(service.healthcheck->start_period->value);
  return std::max<std::int64_t>(start.count(), kLeastGraceSeconds);
}

struct LoadBalancing {
  doc::Sequence targets;
  std::vector<cloudformation::LogicalId> listeners;
};

LoadBalancing load_balancing(const compose::Service& service,
                             const std::vector<PublishedPort>& ports) {
  LoadBalancing out;
  for (const PublishedPort& port : ports) {
    if (port.service != &service) {
      continue;
    }
    out.targets.items.push_back(
        Fields()
            .add("ContainerName", ecs_name(service.name))
            .add("ContainerPort", std::int64_t{port.target})
            .add("TargetGroupArn", cloudformation::ref(port.id("TargetGroup").str()))
            .node());
    out.listeners.push_back(port.id("Listener"));
  }
  return out;
}

void add_dependencies(Builder& builder,
                      const compose::Service& service,
                      std::vector<cloudformation::LogicalId>& out) {
  for (const compose::Dependency& dependency : service.depends_on) {
    if (!builder.project().services.contains(dependency.service)) {
      continue;
    }
    if (dependency.condition == compose::Condition::completed_successfully) {
      builder.error("convert.unsupported",
                    dependency.span,
                    "`" + service.name + "` waits for `" + dependency.service +
                        "` to complete, but ECS keeps a service running",
                    "run `" + dependency.service + "` as a task of its own");
    }
    out.push_back(logical_id(dependency.service, "Service"));
  }
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

}  // namespace

void add_service(Builder& builder,
                 const compose::Service& service,
                 const std::vector<PublishedPort>& ports) {
  add_discovery_entry(builder, service);
  LoadBalancing balancing = load_balancing(service, ports);
  check_target_groups(builder, service, balancing.listeners.size());
  const std::string entry = logical_id(service.name, "ServiceDiscoveryEntry").str();
  Fields properties;
  properties.add("Cluster", cluster_arn(builder.project()))
      .add("TaskDefinition", cloudformation::ref(logical_id(service.name, "TaskDefinition").str()))
      .add("DesiredCount", service.replicas())
      .add("LaunchType", "FARGATE")
      .add("SchedulingStrategy", "REPLICA")
      .add("DeploymentConfiguration", deployment_configuration(builder, service))
      .add("NetworkConfiguration", network_configuration(builder, service));
  if (!balancing.targets.items.empty()) {
    properties.add("LoadBalancers", doc::Node(std::move(balancing.targets)))
        .add("HealthCheckGracePeriodSeconds", grace_seconds(service));
  }
  properties
      .add("ServiceRegistries",
           items(Fields().add("RegistryArn", cloudformation::get_att(entry, "Arn")).node()))
      .add("EnableECSManagedTags", true)
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
  for (cloudformation::LogicalId& id : volume_dependencies(builder.project(), service)) {
    out.depends_on.push_back(std::move(id));
  }
  add_dependencies(builder, service, out.depends_on);
  builder.add(std::move(out));
}

}  // namespace convert
