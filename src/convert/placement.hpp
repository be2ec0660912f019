#pragma once

#include <string>

#include "convert/builder.hpp"
#include "convert/convert.hpp"

namespace convert {

// Where the resources of a project live: in the cluster, the VPC and the subnets that its files
// name, else in those that are parameters of the template or part of the stack. Every resource asks
// here, so that a file which names an existing one is obeyed everywhere.

// A mapping that is one intrinsic function, as the long form writes it.
bool is_intrinsic(const doc::Node& value);

// True unless `x-aws-cluster` names an existing cluster (a name, an ARN or an intrinsic function);
// then the stack makes `Cluster`.
bool has_own_cluster(const compose::Project& project);
doc::Node cluster_arn(const compose::Project& project);
doc::Node cluster_name(const compose::Project& project);

// `x-aws-vpc: new` or `x-aws-network.vpc: new`: the stack makes the VPC.
bool has_own_vpc(const compose::Project& project);
doc::Node vpc_id(const compose::Project& project);

// Of tasks and mount targets: a list, or what gives one.
doc::Node task_subnets(const compose::Project& project);
// One of them; a template knows of two at least.
doc::Node task_subnet(const compose::Project& project, std::size_t index);
// Of load balancers.
doc::Node balancer_subnets(const compose::Project& project);
// ENABLED, DISABLED, or the parameter that says which.
doc::Node assign_public_ip(const compose::Project& project);

// What `x-aws-network.subnets` or `x-aws-subnets` asks for.
SubnetChoice subnet_choice(const compose::Project& project);
// `x-aws-network.loadbalancer: internal`.
bool is_balancer_internal(const compose::Project& project);
// The VPC's id as the files give it; empty for the default VPC, an own one or an intrinsic
// function.
std::string named_vpc(const compose::Project& project);

// The parameters that stand for the above, as far as the project needs them; with a default where
// the files name the thing. `with_balancer`: a load balancer is made.
void add_placement_parameters(Builder& builder, bool with_balancer);
// Reports what the keys above cannot mean.
void check_placement(Builder& builder);

}  // namespace convert
