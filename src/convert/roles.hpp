#pragma once

#include "convert/builder.hpp"
#include "convert/task.hpp"

namespace convert {

// <Service>TaskExecutionRole: what ECS itself may do to start this task. Its own log group, its own
// secrets, its own ECR repositories; nothing when the task needs none of them.
void add_execution_role(Builder& builder, const Task& task);

// <Service>TaskRole, for `x-aws-policies`, `x-aws-role` and named volumes. False when the task has
// none of them.
bool add_task_role(Builder& builder, const Task& task);

// What every role of a service has: a path and a boundary where the organisation wants them
// (`x-aws-role_path`, `x-aws-permissions_boundary`), and its tags.
void finish_role(Builder& builder, const compose::Service& service, Fields& properties);

}  // namespace convert
