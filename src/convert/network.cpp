#include "convert/network.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "convert/naming.hpp"
#include "convert/placement.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::size_t kMostGroupsOfTask = 5;  // AWS: security groups per network interface

const compose::Network* find_network(const compose::Project& project, const std::string& key) {
  const auto at = project.networks.find(key);
  return at == project.networks.end() ? nullptr : &at->second;
}

// An existing security group that stands for the network; empty when the stack makes one.
std::string existing_group(const compose::Network* network) {
  if (network == nullptr) {
    return {};
  }
  if (const doc::Node* extension = network->extensions.find("x-aws-securitygroup")) {
    const std::string* id = extension->as_string();
    return id == nullptr ? std::string() : *id;
  }
  return network->external ? network->name : std::string();
}

void check_network(Builder& builder, const std::string& key) {
  const compose::Network* network = find_network(builder.project(), key);
  if (network == nullptr) {
    return;
  }
  const std::string group = existing_group(network);
  if (network->external && !group.starts_with("sg-")) {
    builder.error("convert.external-network",
                  network->span,
                  "external network `" + key + "` is not a security group",
                  "give its id with `name: sg-…`");
  }
  const auto lost = [&](const auto& option, std::string_view name, std::string_view effect) {
    if (option) {
      builder.warning("convert.ignored",
                      option->span,
                      "`" + std::string(name) + "` of network `" + key +
                          "` is ignored: " + std::string(effect));
    }
  };
  lost(network->internal, "internal", "security groups do not restrict what tasks reach outside");
  if (network->driver && network->driver->value != "bridge" &&
      network->driver->value != "overlay") {
    lost(network->driver, "driver", "the network is the VPC's");
  }
  lost(network->ipam_driver, "ipam", "the VPC gives the addresses");
  if (!network->ipam_pools.empty()) {
    builder.warning("convert.ignored",
                    network->ipam_pools.front().span,
                    "`ipam` of network `" + key + "` is ignored: the VPC gives the addresses");
  }
}

void add_group(Builder& builder, const std::string& key) {
  const compose::Network* network = find_network(builder.project(), key);
  const diag::Span span = network == nullptr ? diag::Span{} : network->span;
  const std::string name = network == nullptr || network->name.empty()
                               ? builder.project().name + "_" + key
                               : network->name;
  builder.add(resource(logical_id(key, "Network"),
                       "AWS::EC2::SecurityGroup",
                       Fields()
                           .add("GroupDescription",
                                "Network " + key + " of Compose project " + builder.project().name)
                           .add("VpcId", vpc_id(builder.project()))
                           .add("Tags", builder.tags("network", name)),
                       span));
  builder.add(resource(logical_id(key, "NetworkIngress"),
                       "AWS::EC2::SecurityGroupIngress",
                       Fields()
                           .add("Description", "Members of network " + key + " reach each other")
                           .add("GroupId", security_group_id(builder.project(), key))
                           .add("IpProtocol", "-1")
                           .add("SourceSecurityGroupId", security_group_id(builder.project(), key)),
                       span));
}

void add_load_balancer_rule(Builder& builder,
                            const std::string& network,
                            const PublishedPort& port) {
  const auto number = static_cast<std::int64_t>(port.target);
  builder.add(resource(
      logical_id(network, port.protocol + std::to_string(port.target) + "Ingress"),
      "AWS::EC2::SecurityGroupIngress",
      Fields()
          .add("Description",
               "Load balancer to port " + std::to_string(port.target) + " on network " + network)
          .add("GroupId", security_group_id(builder.project(), network))
          .add("IpProtocol", util::to_lower(port.protocol))
          .add("FromPort", number)
          .add("ToPort", number)
          .add("SourceSecurityGroupId",
               cloudformation::get_att("LoadBalancerSecurityGroup", "GroupId")),
      port.span));
}

// Groups that exist already are not ours to change, so the rule goes to the service's first network
// that we make.
void add_load_balancer_rules(Builder& builder, const std::vector<PublishedPort>& ports) {
  std::set<std::string> done;
  for (const PublishedPort& port : ports) {
    const std::vector<std::string> networks = networks_of(*port.service);
    const auto ours = std::find_if(networks.begin(), networks.end(), [&](const std::string& key) {
      return existing_group(find_network(builder.project(), key)).empty();
    });
    if (ours == networks.end()) {
      builder.warning("convert.existing-group",
                      port.span,
                      "the security groups of `" + port.service->name +
                          "` are not changed: they must let the load balancer reach port " +
                          std::to_string(port.target));
      continue;
    }
    if (done.insert(*ours + '/' + port.protocol + std::to_string(port.target)).second) {
      add_load_balancer_rule(builder, *ours, port);
    }
  }
}

}  // namespace

std::vector<std::string> networks_of(const compose::Service& service) {
  std::vector<std::string> keys;
  for (const compose::Attachment& attachment : service.networks) {
    keys.push_back(attachment.network);
  }
  const bool shared = service.network_mode && service.network_mode->value.starts_with("service:");
  return keys.empty() && !shared ? std::vector<std::string>{"default"} : keys;
}

doc::Node security_group_id(const compose::Project& project, const std::string& network) {
  const std::string existing = existing_group(find_network(project, network));
  return existing.empty() ? cloudformation::get_att(logical_id(network, "Network").str(), "GroupId")
                          : doc::Node(existing);
}

void add_networks(Builder& builder, const std::vector<PublishedPort>& ports) {
  std::set<std::string> used;
  for (const auto& [name, service] : builder.project().services) {
    const std::vector<std::string> networks = networks_of(service);
    used.insert(networks.begin(), networks.end());
    if (networks.size() > kMostGroupsOfTask) {
      builder.error("convert.too-many-networks",
                    service.networks[kMostGroupsOfTask].span,
                    "`" + name + "` is on " + std::to_string(networks.size()) +
                        " networks: a task has at most 5 security groups");
    }
  }
  for (const std::string& key : used) {
    check_network(builder, key);
    if (existing_group(find_network(builder.project(), key)).empty()) {
      add_group(builder, key);
    }
  }
  add_load_balancer_rules(builder, ports);
}

}  // namespace convert
