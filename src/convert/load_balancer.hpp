#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// The project's Network Load Balancer with its security group, and per port a target group, a
// listener and an output with the address. Nothing when no port is published.
void add_load_balancer(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
