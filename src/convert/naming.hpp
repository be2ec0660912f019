#pragma once

#include <string>
#include <string_view>

#include "cloudformation/template.hpp"

namespace convert {

// The part of a logical id that stands for a Compose name. Names of lower-case letters and digits
// keep the spelling of the earlier tools (`frontend` → `Frontend`); a hyphen before a letter starts
// a capital (`my-app` → `MyApp`); whatever else is lost (other separators, capitals) is listed
// after an `X`, character code and position (`my_app` → `MyappX5f2`). Different names give
// different ids, and a name's id depends on nothing but the name.
std::string id_part(std::string_view compose_name);

// What the earlier tools made of the name: only ASCII letters and digits, first letter in upper
// case. Not unique.
std::string legacy_id_part(std::string_view compose_name);

// `<part of name><suffix>`: logical_id("frontend", "TaskDefinition") is FrontendTaskDefinition.
cloudformation::LogicalId logical_id(std::string_view compose_name, std::string_view suffix);

// The name of a project's stack: CloudFormation allows letters, digits and hyphens, a letter first.
// Two projects may share one (`a_b` and `a-b`); the stack's project tag tells them apart.
std::string stack_name(std::string_view project);

// A container or family name: letters, digits, hyphens and underscores; dots become `_2e`.
std::string ecs_name(std::string_view compose_name);

}  // namespace convert
