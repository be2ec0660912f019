#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "local/daemon/cleanup.hpp"
#include "local/daemon/engine_info.hpp"
#include "local/daemon/run.hpp"
#include "util/result.hpp"

namespace cli {

class Session;

Command local_command();

// Its children, each in a file of its own.
Command local_start_command();
Command local_stop_command();
Command local_status_command();
Command local_logs_command();
Command local_reset_command();
Command local_trust_command();

// What the commands about the engine share.
struct EngineState {
  local::daemon::RunOptions options;                 // where it is and how it would be started
  std::string engine_id;                             // empty: there never was one
  std::optional<local::daemon::EngineInfo> running;  // nothing: it is not running
};

util::Result<EngineState, Failure> engine_state(const Session& session);

// Ends the engine when it runs; false (after saying why) when it cannot be ended.
bool end_engine(const Session& session, const EngineState& state);

// What Docker holds of this engine is taken away: its containers, or everything.
enum class Take : std::uint8_t { containers, everything };
util::Result<local::daemon::Cleanup, Failure> take_away(const EngineState& state, Take what);

}  // namespace cli
