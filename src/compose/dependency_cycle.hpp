#pragma once

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Reports the first circle of services that wait for each other.
void check_cycles(const doc::Node& project, Problems& problems);

}  // namespace compose
