#pragma once

#include <string>

namespace local::daemon {

// The files of one engine. Everything in `directory` (0700) belongs to one engine and one user.
struct StatePaths {
  std::string directory;

  [[nodiscard]] std::string database() const { return directory + "/engine.db"; }

  [[nodiscard]] std::string logs_database() const { return directory + "/logs.db"; }

  // Files of S3's objects.
  [[nodiscard]] std::string objects() const { return directory + "/objects"; }

  [[nodiscard]] std::string log() const { return directory + "/engine.log"; }

  [[nodiscard]] std::string lock() const { return directory + "/engine.lock"; }

  [[nodiscard]] std::string info() const { return directory + "/engine.json"; }

  [[nodiscard]] std::string key() const { return directory + "/engine.key"; }

  [[nodiscard]] std::string id() const { return directory + "/engine.id"; }
};

// What decides where an engine keeps its state; empty = unset.
struct StateEnvironment {
  std::string docker_ecs_home;  // $DOCKER_ECS_HOME
  std::string xdg_state_home;   // $XDG_STATE_HOME
  std::string home;             // the user's home directory
};

// $DOCKER_ECS_HOME, else $XDG_STATE_HOME/docker-ecs, else ~/.local/state/docker-ecs. A relative
// path in a variable is ignored, as the XDG specification asks; an empty answer means that there is
// no place at all.
StatePaths state_paths(const StateEnvironment& environment);

}  // namespace local::daemon
