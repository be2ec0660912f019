#include <algorithm>
#include <map>
#include <set>

#include "cloudformation/check_parts.hpp"
#include "cloudformation/intrinsics.hpp"

namespace cloudformation {
namespace {

constexpr std::size_t kMostTargetGroups = 5;
constexpr std::size_t kMostSecurityGroups = 5;
constexpr std::size_t kMostSubnets = 16;
constexpr std::int64_t kMostShiftMinutes = 33 * 60;  // CloudFormation's limit of traffic shifting

const doc::Node* at(const doc::Node* node, std::string_view name) {
  return node == nullptr ? nullptr : node->find(name);
}

bool is_call(const doc::Node* node) {
  return node != nullptr && as_call(*node).has_value();
}

// Which resources of the template a service may have to wait for.
struct Index {
  std::multimap<const Resource*, const Resource*> forwarders;  // target group -> listener or rule
  std::multimap<const Resource*, const Resource*> mount_targets;  // file system -> mount target
  std::multimap<const Resource*, const Resource*> policies;       // role -> policy
  const Resource* capacity_providers = nullptr;                   // associations

  explicit Index(const CheckedTemplate& t) {
    for (const Resource& resource : t.document().resources) {
      if (resource.type == "AWS::EFS::MountTarget") {
        mount_targets.emplace(t.target(property(resource, "FileSystemId")), &resource);
      } else if (resource.type == "AWS::IAM::Policy") {
        for (const doc::Node& role : items_of(property(resource, "Roles"))) {
          policies.emplace(t.target(&role), &resource);
        }
      } else if (resource.type == "AWS::ECS::ClusterCapacityProviderAssociations") {
        capacity_providers = &resource;
      } else if (resource.type == "AWS::ElasticLoadBalancingV2::Listener" ||
                 resource.type == "AWS::ElasticLoadBalancingV2::ListenerRule") {
        const bool rule = resource.type.ends_with("Rule");
        const doc::Node* actions = property(resource, rule ? "Actions" : "DefaultActions");
        for (const Reference& reference :
             actions == nullptr ? std::vector<Reference>{} : references(*actions)) {
          if (const Resource* group = t.find(reference.target)) {
            forwarders.emplace(group, &resource);
          }
        }
      }
    }
  }
};

class ServiceCheck {
 public:
  ServiceCheck(CheckedTemplate& t, const Resource& service, const Index& index)
      : t_(t),
        service_(service),
        index_(index),
        task_(t.target(property(service, "TaskDefinition"))) {}

  void run() {
    load_balancers();
    placement();
    strategy();
    service_connect();
    capacity();
    if (task_ != nullptr) {
      volumes();
      roles();
    }
  }

 private:
  void report(const std::string& path, std::string message, const doc::Node* at = nullptr) {
    t_.add(service_, path, std::move(message), at);
  }

  [[nodiscard]] bool has_port(std::string_view container, std::int64_t port) const {
    for (const doc::Node& candidate : items_of(property(*task_, "ContainerDefinitions"))) {
      if (literal_text(candidate.find("Name")) != container) {
        continue;
      }
      for (const doc::Node& mapping : items_of(candidate.find("PortMappings"))) {
        const auto mapped = literal_int(mapping.find("ContainerPort"));
        if (!mapped || *mapped == port) {
          return true;
        }
      }
    }
    return false;
  }

  void load_balancers() {
    const auto& list = items_of(property(service_, "LoadBalancers"));
    if (list.size() > kMostTargetGroups) {
      report("Properties.LoadBalancers",
             std::to_string(list.size()) + " target groups: a service can have 5");
    }
    std::size_t index = 0;
    for (const doc::Node& item : list) {
      const std::string path = "Properties.LoadBalancers[" + std::to_string(index++) + "]";
      const auto container = literal_text(item.find("ContainerName"));
      const auto port = literal_int(item.find("ContainerPort"));
      if (task_ != nullptr && container && port && !has_port(*container, *port)) {
        report(path, "container `" + *container + "` has no port " + std::to_string(*port), &item);
      }
      const Resource* group = t_.target(item.find("TargetGroupArn"));
      if (group != nullptr) {
        target_group(*group, path, item);
      }
    }
  }

  void target_group(const Resource& group, const std::string& path, const doc::Node& item) {
    if (task_ != nullptr && literal_text(property(*task_, "NetworkMode")) == "awsvpc" &&
        literal_text(property(group, "TargetType")) != "ip" &&
        !is_call(property(group, "TargetType"))) {
      t_.add(group, "Properties.TargetType", "tasks in a VPC are targets of type `ip`");
    }
    const auto [first, last] = index_.forwarders.equal_range(&group);
    if (first == last) {
      report(path, "no listener forwards to `" + group.id.str() + "`", &item);
      return;
    }
    const bool waits = std::any_of(first, last, [&](const auto& forwarder) {
      return t_.waits_for(service_, forwarder.second->id.str());
    });
    if (!waits) {
      report(path,
             "the service does not depend on `" + first->second->id.str() +
                 "`, without which the target group has no load balancer",
             &item);
    }
  }

  void placement() {
    const doc::Node* vpc = at(property(service_, "NetworkConfiguration"), "AwsvpcConfiguration");
    const std::string path = "Properties.NetworkConfiguration.AwsvpcConfiguration";
    if (items_of(at(vpc, "SecurityGroups")).size() > kMostSecurityGroups) {
      report(path + ".SecurityGroups", "a task can have 5 security groups", vpc);
    }
    if (items_of(at(vpc, "Subnets")).size() > kMostSubnets) {
      report(path + ".Subnets", "a service can have 16 subnets", vpc);
    }
    const bool in_vpc =
        task_ != nullptr && literal_text(property(*task_, "NetworkMode")) == "awsvpc";
    if (in_vpc && property(service_, "NetworkConfiguration") == nullptr) {
      report("Properties", "a task in a VPC needs `NetworkConfiguration`");
    }
    if (property(service_, "LaunchType") != nullptr &&
        property(service_, "CapacityProviderStrategy") != nullptr) {
      report("Properties.LaunchType", "excludes `CapacityProviderStrategy`");
    }
  }

  void strategy() {
    const doc::Node* configuration = property(service_, "DeploymentConfiguration");
    const std::string kind = literal_text(at(configuration, "Strategy")).value_or("ROLLING");
    for (const doc::Node& item : items_of(property(service_, "LoadBalancers"))) {
      const bool advanced = item.find("AdvancedConfiguration") != nullptr;
      if (advanced != (kind != "ROLLING")) {
        report("Properties.LoadBalancers",
               advanced ? "`AdvancedConfiguration` is for strategies that shift traffic"
                        : "strategy " + kind + " needs `AdvancedConfiguration`",
               &item);
      }
    }
    const auto minutes = [](const doc::Node* node, std::string_view name, std::int64_t otherwise) {
      return literal_int(at(node, name)).value_or(otherwise);
    };
    const doc::Node* canary = at(configuration, "CanaryConfiguration");
    const doc::Node* linear = at(configuration, "LinearConfiguration");
    std::int64_t total = minutes(configuration, "BakeTimeInMinutes", 0);
    if (kind == "CANARY") {
      total += minutes(canary, "CanaryBakeTimeInMinutes", 10);
    } else if (kind == "LINEAR") {
      const std::int64_t step = std::max<std::int64_t>(minutes(linear, "StepPercent", 10), 1);
      total += minutes(linear, "StepBakeTimeInMinutes", 6) * ((100 + step - 1) / step);
    }
    if (total > kMostShiftMinutes) {
      report("Properties.DeploymentConfiguration",
             "the deployment takes " + std::to_string(total) + " minutes: the most is 1980",
             configuration);
    }
  }

  void service_connect() {
    const doc::Node* configuration = property(service_, "ServiceConnectConfiguration");
    for (const doc::Node& item : items_of(at(configuration, "Services"))) {
      const auto port = literal_text(item.find("PortName"));
      if (task_ != nullptr && port && !has_named_port(*port)) {
        report("Properties.ServiceConnectConfiguration",
               "the task has no port called `" + *port + "`",
               &item);
      }
    }
  }

  [[nodiscard]] bool has_named_port(std::string_view name) const {
    for (const doc::Node& container : items_of(property(*task_, "ContainerDefinitions"))) {
      for (const doc::Node& mapping : items_of(container.find("PortMappings"))) {
        if (literal_text(mapping.find("Name")) == name) {
          return true;
        }
      }
    }
    return false;
  }

  void capacity() {
    for (const doc::Node& item : items_of(property(service_, "CapacityProviderStrategy"))) {
      const Resource* own = t_.target(item.find("CapacityProvider"));
      const bool needs = own != nullptr || literal_text(item.find("CapacityProvider")).has_value();
      const Resource* cluster = t_.target(property(service_, "Cluster"));
      if (!needs || cluster == nullptr || property(*cluster, "CapacityProviders") != nullptr) {
        continue;
      }
      if (index_.capacity_providers == nullptr) {
        report(
            "Properties.CapacityProviderStrategy", "the cluster has no capacity providers", &item);
      } else if (!t_.waits_for(service_, index_.capacity_providers->id.str())) {
        report("Properties.CapacityProviderStrategy",
               "the service does not depend on `" + index_.capacity_providers->id.str() + "`",
               &item);
      }
    }
  }

  void volumes() {
    std::set<std::string> at_launch;
    for (const doc::Node& volume : items_of(property(*task_, "Volumes"))) {
      if (literal_text(volume.find("ConfiguredAtLaunch")) == "true") {
        at_launch.insert(literal_text(volume.find("Name")).value_or(""));
      }
      mount_targets(t_.target(at(volume.find("EFSVolumeConfiguration"), "FilesystemId")));
    }
    for (const doc::Node& item : items_of(property(service_, "VolumeConfigurations"))) {
      const auto name = literal_text(item.find("Name"));
      if (name && at_launch.erase(*name) == 0) {
        report("Properties.VolumeConfigurations",
               "the task has no volume `" + *name + "` that is configured at launch",
               &item);
      }
    }
    for (const std::string& name : at_launch) {
      report("Properties", "volume `" + name + "` needs an entry of `VolumeConfigurations`");
    }
  }

  void mount_targets(const Resource* file_system) {
    if (file_system == nullptr) {
      return;
    }
    const auto [first, last] = index_.mount_targets.equal_range(file_system);
    for (auto it = first; it != last; ++it) {
      // One with a condition may not exist at all; DependsOn it all the same.
      if (!t_.waits_for(service_, it->second->id.str())) {
        report("", "the service does not depend on `" + it->second->id.str() + "`");
      }
    }
  }

  void roles() {
    for (const std::string_view name : {"ExecutionRoleArn", "TaskRoleArn"}) {
      const Resource* role = t_.target(property(*task_, name));
      if (role == nullptr) {
        continue;
      }
      const auto [first, last] = index_.policies.equal_range(role);
      for (auto it = first; it != last; ++it) {
        if (!t_.waits_for(service_, it->second->id.str())) {
          report("", "the service does not depend on `" + it->second->id.str() + "`");
        }
      }
    }
  }

  CheckedTemplate& t_;
  const Resource& service_;
  const Index& index_;
  const Resource* task_;
};

// One mount target in each subnet of a file system.
void check_mount_targets(CheckedTemplate& t) {
  std::set<std::pair<const Resource*, std::string>> seen;
  for (const Resource& resource : t.document().resources) {
    const auto subnet = literal_text(property(resource, "SubnetId"));
    if (resource.type == "AWS::EFS::MountTarget" && subnet &&
        !seen.emplace(t.target(property(resource, "FileSystemId")), *subnet).second) {
      t.add(resource, "Properties.SubnetId", "the file system has a mount target there already");
    }
  }
}

// A name of Service Connect means one service in a namespace.
void check_aliases(CheckedTemplate& t) {
  std::map<std::string, const Resource*> seen;
  for (const Resource& resource : t.document().resources) {
    const doc::Node* configuration = property(resource, "ServiceConnectConfiguration");
    for (const doc::Node& item : items_of(at(configuration, "Services"))) {
      for (const doc::Node& alias : items_of(item.find("ClientAliases"))) {
        const auto name = literal_text(alias.find("DnsName"));
        const auto port = literal_text(alias.find("Port"));
        if (name && port) {
          const auto [old, is_new] = seen.emplace(*name + ":" + *port, &resource);
          if (!is_new && old->second != &resource) {
            t.add(resource,
                  "Properties.ServiceConnectConfiguration",
                  "`" + *name + ":" + *port + "` means `" + old->second->id.str() + "` already",
                  &alias);
          }
        }
      }
    }
  }
}

}  // namespace

void check_services(CheckedTemplate& t) {
  const Index index(t);
  for (const Resource& resource : t.document().resources) {
    if (resource.type == "AWS::ECS::Service") {
      ServiceCheck(t, resource, index).run();
    }
  }
  check_mount_targets(t);
  check_aliases(t);
}

}  // namespace cloudformation
