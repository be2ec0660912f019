#pragma once

#include <string>
#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// The networks a service is on, sorted; a service with a `network_mode` counts as on `default`,
// but one that shares the namespace of another is on none of its own.
std::vector<std::string> networks_of(const compose::Service& service);

// The id of the security group that stands for a network: a Fn::GetAtt, or the id of an existing
// group.
doc::Node security_group_id(const compose::Project& project, const std::string& network);

// For every network in use: a security group, and the rule that lets its members talk to each
// other. For every published port: the rule that lets the load balancer, and nobody else, reach the
// container's port.
void add_networks(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
