#pragma once

#include <optional>
#include <string>
#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// The load balancers of a project: at most one of each kind, made by the stack or existing
// (`x-aws-loadbalancer`). Their logical ids never change: LoadBalancer is the network one,
// ApplicationLoadBalancer the other.
struct LoadBalancer {
  Balancer kind = Balancer::network;
  bool own = true;
  // Of an existing one: a name, an ARN, or empty when the file has an intrinsic function.
  std::string reference;
  doc::Node function;  // the intrinsic function

  [[nodiscard]] std::string id() const;
  [[nodiscard]] doc::Node arn() const;
  // The security group that its packets come from.
  [[nodiscard]] doc::Node group() const;
  [[nodiscard]] doc::Node dns_name() const;
  [[nodiscard]] doc::Node zone_id() const;
  // `…DNSName` for Fn::Sub.
  [[nodiscard]] std::string dns_variable() const;
  // "app/name/id", as metrics call it.
  [[nodiscard]] doc::Node full_name() const;

  // Parameters of an existing one that `up` fills.
  [[nodiscard]] std::string arn_parameter() const { return id() + "Arn"; }

  [[nodiscard]] std::string group_parameter() const { return id() + "GroupId"; }

  [[nodiscard]] std::string dns_parameter() const { return id() + "DnsName"; }

  [[nodiscard]] std::string zone_parameter() const { return id() + "ZoneId"; }
};

// Of the kind, as the project has it; nothing when no port needs one.
std::optional<LoadBalancer> load_balancer_of(const compose::Project& project,
                                             const std::vector<PublishedPort>& ports,
                                             Balancer kind);
bool makes_load_balancer(const compose::Project& project, const std::vector<PublishedPort>& ports);

// A listener of an existing load balancer that `x-aws-listener` names for the port; Null without.
doc::Node existing_listener(const compose::Project& project, std::uint32_t port);
bool has_existing_listener(const compose::Project& project, std::uint32_t port);

// Parameters for existing ones, and what their keys cannot mean.
void add_balancer_parameters(Builder& builder, const std::vector<PublishedPort>& ports);
void check_balancers(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
