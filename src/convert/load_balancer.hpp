#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// Everything that stands between the outside and the tasks: the load balancers with their security
// groups, and per port a target group, a listener or a rule, and an output with the address.
// Nothing when no port is published.
void add_load_balancers(Builder& builder, const std::vector<PublishedPort>& ports);

}  // namespace convert
