#pragma once

#include <string>
#include <vector>

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Takes the services that no active profile wants out of a bound project; they are what comes back,
// as a mapping.
doc::Node take_inactive_services(doc::Node& project, const std::vector<std::string>& profiles);

// Keeps the named services (patterns allowed) and what they depend on, of the active ones and of
// the profiles that the named ones belong to. The rest moves to `inactive`.
void select_services(doc::Node& project,
                     doc::Node& inactive,
                     const std::vector<std::string>& names,
                     const std::vector<std::string>& profiles,
                     Problems& problems);

// Drops the top-level resources that no service refers to.
void drop_unused_resources(doc::Node& project);

}  // namespace compose
