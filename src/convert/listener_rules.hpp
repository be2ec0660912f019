#pragma once

#include <string>
#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"
#include "convert/rule_priority.hpp"

namespace convert {

// What one rule of a listener asks for: at most five hosts and paths together (a limit of
// Application Load Balancers), so a port may need several.
struct RuleConditions {
  std::vector<std::string> hosts;
  std::vector<std::string> paths;  // "/*" alone: every request
};

std::vector<RuleConditions> rule_conditions(const PublishedPort& port);

// FrontendTCP443ListenerRule, …Rule2, …
cloudformation::LogicalId rule_id(const PublishedPort& port, std::size_t index);

// What must exist before a service can register with the port's target group: the listener of a
// Network Load Balancer, the rules of an Application Load Balancer.
std::vector<cloudformation::LogicalId> forwarders(const PublishedPort& port);

// Conditions of an AWS::ElasticLoadBalancingV2::ListenerRule.
doc::Node conditions_node(const RuleConditions& conditions);

// The priorities that the rules of these ports have on their listener.
RulePriorities used_priorities(const std::vector<const PublishedPort*>& ports);

// The rules of all HTTP ports, forwarding to their target groups.
void add_listener_rules(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
