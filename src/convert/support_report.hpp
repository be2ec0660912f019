#pragma once

#include "convert/builder.hpp"
#include "convert/task_groups.hpp"

namespace convert {

// Says, once per service and place, which attributes are not converted and what happens instead:
// what the support table knows, and the values for which an attribute means something else on ECS.
void report_unconverted(Builder& builder, const TaskGroup& group);

}  // namespace convert
