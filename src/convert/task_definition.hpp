#pragma once

#include "convert/builder.hpp"
#include "convert/task.hpp"

namespace convert {

// Everything but the resources: what each container of the task needs. Reports what cannot be had.
Task plan_task(Builder& builder, const TaskGroup& group);

// The task definition and the execution role that pulls its images and writes its logs.
void add_task(Builder& builder, const Task& task);

}  // namespace convert
