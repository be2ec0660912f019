#pragma once

#include "convert/task_groups.hpp"

namespace convert {

// Where tasks run. On Fargate, unless `x-aws-capacity` asks for Spot: "spot", or a share of it and
// a number of tasks that are not: {spot: 70%, base: 1}.

// `LaunchType` or `CapacityProviderStrategy` of the service.
void add_capacity(Builder& builder, const compose::Service& service, Fields& properties);

// The resource a service with a strategy depends on; empty for the others.
std::optional<cloudformation::LogicalId> capacity_dependency(const compose::Project& project,
                                                             const compose::Service& service);

// What connects the cluster with Fargate Spot, when a service asks for it.
void add_cluster_capacity(Builder& builder, const TaskGroups& groups);

}  // namespace convert
