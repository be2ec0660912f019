#pragma once

#include <string>
#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// The networks a service is on, sorted; a service with a `network_mode` counts as on `default`,
// but one that shares the namespace of another is on none of its own.
std::vector<std::string> networks_of(const compose::Service& service);

// All networks of the service are internal: nothing outside reaches it.
bool is_internal_only(const compose::Project& project, const compose::Service& service);

// The id of the security group that stands for a network: a Fn::GetAtt, or the id of an existing
// group.
doc::Node security_group_id(const compose::Project& project, const std::string& network);

// For every network in use: a security group, and the rule that lets its members talk to each
// other; for an internal one also the rules of what little may leave it. For every published port:
// the rules that let its load balancer, and nobody else, reach the container's port and the port
// whose health it asks for. Groups that exist already are never changed.
void add_networks(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
