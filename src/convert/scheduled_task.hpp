#pragma once

#include "convert/task_groups.hpp"

namespace convert {

// `x-aws-schedule`: <Service>Schedule, which runs the group's task by the clock, and
// <Service>ScheduleRole, with which it may.
void add_schedule(Builder& builder, const TaskGroups& groups, const TaskGroup& group);

}  // namespace convert
