#include "convert/network.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "convert/balancers.hpp"
#include "convert/naming.hpp"
#include "convert/placement.hpp"
#include "convert/target_group.hpp"
#include "convert/volumes.hpp"
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

bool is_internal(const compose::Network* network) {
  return network != nullptr && !network->external && network->internal && network->internal->value;
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
  if (network->internal && network->internal->value) {
    builder.note("convert.approximated",
                 network->internal->span,
                 "members of network `" + key +
                     "` reach each other only, and HTTPS servers: Fargate pulls images, reads "
                     "secrets and writes logs by the task's own interface");
  }
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

doc::Node leaving(std::string description, std::int64_t port) {
  return Fields()
      .add("Description", std::move(description))
      .add("IpProtocol", "tcp")
      .add("FromPort", port)
      .add("ToPort", port)
      .add("CidrIp", "0.0.0.0/0")
      .node();
}

bool mounts_volumes(const compose::Project& project, const std::string& network) {
  return std::any_of(project.services.begin(), project.services.end(), [&](const auto& entry) {
    const std::vector<std::string> networks = networks_of(entry.second);
    return has_volumes(project, entry.second) &&
           std::find(networks.begin(), networks.end(), network) != networks.end();
  });
}

// A group without egress rules lets everything out; with one, nothing but what they say.
doc::Node internal_egress(const compose::Project& project, const std::string& key) {
  doc::Sequence rules;
  rules.items.push_back(leaving("Images, secrets and logs", 443));
  if (mounts_volumes(project, key)) {
    rules.items.push_back(leaving("Volumes", 2049));
  }
  return doc::Node(std::move(rules));
}

void add_internal_egress(Builder& builder, const std::string& key, const diag::Span& span) {
  builder.add(
      resource(logical_id(key, "NetworkEgress"),
               "AWS::EC2::SecurityGroupEgress",
               Fields()
                   .add("Description", "Members of network " + key + " reach each other")
                   .add("GroupId", security_group_id(builder.project(), key))
                   .add("IpProtocol", "-1")
                   .add("DestinationSecurityGroupId", security_group_id(builder.project(), key)),
               span));
}

void add_group(Builder& builder, const std::string& key) {
  const compose::Network* network = find_network(builder.project(), key);
  const diag::Span span = network == nullptr ? diag::Span{} : network->span;
  const std::string name = network == nullptr || network->name.empty()
                               ? builder.project().name + "_" + key
                               : network->name;
  Fields properties;
  properties
      .add("GroupDescription", "Network " + key + " of Compose project " + builder.project().name)
      .add("VpcId", vpc_id(builder.project()));
  const bool internal = is_internal(network);
  if (internal) {
    properties.add("SecurityGroupEgress", internal_egress(builder.project(), key));
  }
  properties.add("Tags", builder.tags("network", name));
  builder.add(
      resource(logical_id(key, "Network"), "AWS::EC2::SecurityGroup", std::move(properties), span));
  if (internal) {
    add_internal_egress(builder, key, span);
  }
  builder.add(resource(logical_id(key, "NetworkIngress"),
                       "AWS::EC2::SecurityGroupIngress",
                       Fields()
                           .add("Description", "Members of network " + key + " reach each other")
                           .add("GroupId", security_group_id(builder.project(), key))
                           .add("IpProtocol", "-1")
                           .add("SourceSecurityGroupId", security_group_id(builder.project(), key)),
                       span));
}

// From a load balancer to a port of a container.
struct Passage {
  std::string network;
  std::string protocol;  // tcp, udp
  std::uint32_t port = 0;
  Balancer balancer = Balancer::network;

  auto operator<=>(const Passage&) const = default;
};

void add_passage(Builder& builder,
                 const Passage& passage,
                 const LoadBalancer& balancer,
                 const diag::Span& span) {
  const auto number = static_cast<std::int64_t>(passage.port);
  const std::string_view suffix = passage.balancer == Balancer::network ? "Ingress" : "HttpIngress";
  builder.add(resource(logical_id(passage.network,
                                  util::to_upper(passage.protocol) + std::to_string(passage.port) +
                                      std::string(suffix)),
                       "AWS::EC2::SecurityGroupIngress",
                       Fields()
                           .add("Description",
                                "Load balancer to port " + std::to_string(passage.port) +
                                    " on network " + passage.network)
                           .add("GroupId", security_group_id(builder.project(), passage.network))
                           .add("IpProtocol", passage.protocol)
                           .add("FromPort", number)
                           .add("ToPort", number)
                           .add("SourceSecurityGroupId", balancer.group()),
                       span));
}

std::vector<std::pair<std::string, std::uint32_t>> reached_ports(const PublishedPort& port) {
  std::vector<std::pair<std::string, std::uint32_t>> out;
  if (!port.is_udp_only()) {
    out.emplace_back("tcp", port.target);
  }
  if (port.protocol != "TCP") {
    out.emplace_back("udp", port.target);
  }
  // Health is asked by TCP.
  if (port.is_udp_only() || health_port(port) != port.target) {
    out.emplace_back("tcp", health_port(port));
  }
  return out;
}

// Whose network interface the service uses: its own, or that of `network_mode: service:x`.
const compose::Service& interface_owner(const compose::Project& project,
                                        const compose::Service& service) {
  constexpr std::string_view kShared = "service:";
  const compose::Service* owner = &service;
  for (std::size_t step = 0; step < project.services.size(); ++step) {
    if (!owner->network_mode || !owner->network_mode->value.starts_with(kShared)) {
      break;
    }
    const auto at = project.services.find(owner->network_mode->value.substr(kShared.size()));
    if (at == project.services.end()) {
      break;
    }
    owner = &at->second;
  }
  return *owner;
}

// The network whose group gets the rules: the service's first one that we make, an internal one
// only if there is no other.
const std::string* own_network(const compose::Project& project,
                               const std::vector<std::string>& networks) {
  const std::string* chosen = nullptr;
  for (const std::string& key : networks) {
    const compose::Network* network = find_network(project, key);
    if (!existing_group(network).empty()) {
      continue;
    }
    if (!is_internal(network)) {
      return &key;
    }
    chosen = chosen == nullptr ? &key : chosen;
  }
  return chosen;
}

void add_passages(Builder& builder, const std::vector<PublishedPort>& ports) {
  std::set<Passage> done;
  std::map<Balancer, LoadBalancer> balancers;
  for (const Balancer kind : {Balancer::network, Balancer::application}) {
    if (auto balancer = load_balancer_of(builder.project(), ports, kind)) {
      balancers.emplace(kind, std::move(*balancer));
    }
  }
  for (const PublishedPort& port : ports) {
    const std::vector<std::string> networks =
        networks_of(interface_owner(builder.project(), *port.service));
    const std::string* network = own_network(builder.project(), networks);
    if (network == nullptr) {
      builder.warning("convert.existing-group",
                      port.span,
                      "the security groups of `" + port.service->name +
                          "` are not changed: they must let the load balancer reach port " +
                          std::to_string(port.target));
      continue;
    }
    for (const auto& [protocol, number] : reached_ports(port)) {
      const Passage passage{*network, protocol, number, port.balancer};
      if (done.insert(passage).second) {
        add_passage(builder, passage, balancers.at(port.balancer), port.span);
      }
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

bool is_internal_only(const compose::Project& project, const compose::Service& service) {
  const std::vector<std::string> networks = networks_of(interface_owner(project, service));
  return !networks.empty() &&
         std::all_of(networks.begin(), networks.end(), [&](const std::string& key) {
           return is_internal(find_network(project, key));
         });
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
  add_passages(builder, ports);
}

}  // namespace convert
