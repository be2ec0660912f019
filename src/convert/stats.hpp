#pragma once

#include <string>

#include "cloudformation/template.hpp"
#include "compose/project.hpp"

namespace convert {

// How much of CloudFormation's limits a template takes, for people: resources by type and by
// service, bytes, and what is left. `json` is the template as it is sent.
std::string stats_text(const compose::Project& project,
                       const cloudformation::Template& t,
                       const std::string& json);

}  // namespace convert
