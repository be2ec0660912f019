#pragma once

#include <set>
#include <string>

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// What must hold between the parts of a bound project: every reference has its target, no circles,
// no contradictions. `disabled` are the services of profiles that are not active. Sets
// `deploy.replicas` to `scale` where both are wanted.
void check_consistency(doc::Node& project, const doc::Node& disabled, Problems& problems);

// No two services of one container name.
void check_container_names(const doc::Node& project, Problems& problems);

}  // namespace compose
