#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "docker/engine.hpp"

namespace local::daemon {

// What was taken away, and what would not go (in Docker's words).
struct Cleanup {
  std::size_t containers = 0;
  std::size_t networks = 0;
  std::size_t volumes = 0;
  std::vector<std::string> problems{};
};

// Stops (SIGTERM, 10 seconds, SIGKILL) and removes every container of that engine, all at once.
// Volumes stay.
Cleanup remove_containers(docker::Engine& docker, std::string_view engine_id);
// The same, and then the engine's networks and its volumes, those of file systems among them.
Cleanup remove_everything(docker::Engine& docker, std::string_view engine_id);

}  // namespace local::daemon
