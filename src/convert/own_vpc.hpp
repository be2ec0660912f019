#pragma once

#include <string_view>

#include "convert/builder.hpp"
#include "convert/settings.hpp"

namespace convert {

// The VPC that the stack makes for `x-aws-vpc: new`: subnets in two zones, an internet gateway, and
// for private tasks either a NAT gateway or VPC endpoints, as `x-aws-network.egress` says. Its DHCP
// options carry the project's namespace as search domain, so that short names resolve with every C
// library.

inline constexpr std::string_view kOwnVpc = "Vpc";

// Of `egress`: public tasks have public addresses and nothing else is needed.
bool own_tasks_are_public(const compose::Project& project);
doc::Node own_task_subnets(const compose::Project& project);
doc::Node own_balancer_subnets(const compose::Project& project, bool internal);

// Nothing unless the project asks for a VPC of its own.
void add_own_vpc(Builder& builder);
// What must exist before a task can start: routes, NAT gateway, endpoints.
std::vector<cloudformation::LogicalId> own_vpc_dependencies(const compose::Project& project);

// Reads the keys of `x-aws-network` that are about it: `egress`, `cidr`, `zones`.
void check_own_vpc(Builder& builder, Settings& network);

}  // namespace convert
