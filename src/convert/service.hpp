#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"
#include "convert/task_groups.hpp"

namespace convert {

// The Cloud Map entry and the ECS service of a Compose service. `ports` are those of the whole
// project.
void add_service(Builder& builder,
                 const TaskGroups& groups,
                 const TaskGroup& group,
                 const std::vector<PublishedPort>& ports);

// Where the group's tasks are: subnets and security groups.
doc::Node network_configuration(const Builder& builder,
                                const TaskGroups& groups,
                                const TaskGroup& group);

}  // namespace convert
