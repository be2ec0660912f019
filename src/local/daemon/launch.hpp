#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "local/daemon/engine_info.hpp"
#include "local/daemon/run.hpp"
#include "local/daemon/start_report.hpp"
#include "local/daemon/state_paths.hpp"
#include "util/result.hpp"

namespace local::daemon {

// The other side of `run`: what commands use to find, start and stop the engine of a state
// directory.

// The engine that holds the lock, when it is ready to answer. One whose engine.json is damaged or
// gone is asked itself.
std::optional<EngineInfo> find_running(const StatePaths& paths);

struct Started {
  EngineInfo info;
  bool was_running = false;
  std::vector<std::string>
      notices{};  // of an engine that was started now: what the user should know
};

// Finds the engine or starts it as a process of its own (`program` is this executable, run with the
// hidden command) and waits until it answers, or until `stop` is requested (then the engine goes on
// starting). A running engine is taken as it is, except when it serves another Docker Engine.
util::Result<Started, StartFailure> ensure_running(const RunOptions& options,
                                                   const std::string& program,
                                                   const std::stop_token& stop = {});

enum class StopOutcome : std::uint8_t { was_not_running, stopped, killed, refused };
// SIGTERM, then SIGKILL after `limit`. Containers are not touched.
StopOutcome stop(const StatePaths& paths, std::chrono::milliseconds limit);

// Resident memory of a process in KiB; 0 when unknown.
std::int64_t resident_kib(int pid);

}  // namespace local::daemon
