#pragma once

#include <vector>

#include "awsapi/ec2.hpp"
#include "local/scheduler/ecs_state.hpp"

namespace local::ecs {

// What EC2 shows of the tasks that are not stopped: one interface each, with the task's address and
// security groups.
std::vector<awsapi::ec2::NetworkInterface> network_interfaces(const EcsState& state);

}  // namespace local::ecs
