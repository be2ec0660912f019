#pragma once

#include "convert/builder.hpp"

namespace convert {

// <Service>TaskExecutionRole: what ECS itself may do to start this task. Its own log group, its own
// pull secret, its own ECR repository; nothing when the task needs none of them.
void add_execution_role(Builder& builder, const compose::Service& service);

// <Service>TaskRole, for `x-aws-policies`, `x-aws-role` and named volumes. False when the service
// has none of them.
bool add_task_role(Builder& builder, const compose::Service& service);

}  // namespace convert
