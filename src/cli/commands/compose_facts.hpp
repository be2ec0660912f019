#pragma once

#include <map>
#include <string>

#include "cli/commands/compose_project.hpp"
#include "deploy/api.hpp"
#include "util/result.hpp"

namespace cli {

struct Failure;
class Session;

// The template's parameters that only the account knows. Says what was decided, and why.
util::Result<std::map<std::string, std::string>, Failure>
resolve_parameters(const Session& session, deploy::Api& api, const ConvertedProject& converted);

}  // namespace cli
