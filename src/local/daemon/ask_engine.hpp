#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "local/daemon/engine_info.hpp"

namespace local::daemon {

// What the engine on this port of 127.0.0.1 says about itself. Nothing when nobody answers in time,
// or somebody else does. It is answered also while the engine's control thread is busy.
std::optional<EngineInfo> ask_engine(std::uint16_t port, std::chrono::milliseconds limit);

// The same for a process whose port is not known, by the sockets that it listens on: for an engine
// whose engine.json was damaged or removed.
std::optional<EngineInfo> ask_process(int pid, std::chrono::milliseconds limit);

}  // namespace local::daemon
