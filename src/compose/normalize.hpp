#pragma once

#include <string>

#include "compose/environment.hpp"
#include "doc/node.hpp"

namespace compose {

// `- NAME` in a list of variables becomes NAME=value when it is known; secrets and configs from
// variables get their content, under kSecretContent and `content`.
void resolve_listed_variables(doc::Node& root, const Environment& environment);

inline constexpr std::string_view kSecretContent = "x-#value";

// Gives the whole project its implicit parts: names, the default network, dependencies that other
// attributes imply.
void normalize(doc::Node& root, const std::string& project_name, const Environment& environment);

}  // namespace compose
