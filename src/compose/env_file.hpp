#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compose/environment.hpp"
#include "compose/loader.hpp"

namespace compose {

// Variables of .env files for interpolation: later files win over earlier ones. Stops when one
// cannot be read.
Environment read_env_files(const std::vector<std::string>& paths,
                           const Environment& current,
                           Session& session,
                           std::optional<diag::Span> asked_at = {});

// `env_file` and `label_file` of every service of a bound project, merged below `environment` and
// `labels`.
void resolve_env_files(doc::Node& project, const Environment& environment, Session& session);
void resolve_label_files(doc::Node& project, Session& session);

}  // namespace compose
