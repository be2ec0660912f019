#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/session.hpp"
#include "local/daemon/launch.hpp"
#include "local/daemon/run.hpp"

namespace cli {

// The hidden first word with which the program is started again as the engine; the rest are
// local::daemon's arguments.
inline constexpr std::string_view kEngineWord = "__engine";

// Lives as the engine until it is told to end. Nothing of a Session is used: the engine belongs to
// no terminal.
ExitCode run_engine(Output& err, const std::vector<std::string>& arguments);

// Where this user's engine keeps its state, and what else it is started with: DOCKER_ECS_HOME,
// DOCKER_ECS_PORT, DOCKER_ECS_SUBNETS, DOCKER_ECS_TIME_SCALE. Fails for values that make no sense.
util::Result<local::daemon::RunOptions, Failure> engine_options(const Session& session,
                                                                const std::string& docker_host);

// Whether this user's engine answers; never starts it.
bool engine_is_running(const Session& session);

// Finds the engine of this user or starts it.
util::Result<local::daemon::Started, Failure> ensure_engine(const Session& session,
                                                            const LocalTarget& target);

}  // namespace cli
