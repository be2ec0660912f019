#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "docker/engine.hpp"
#include "local/scheduler/task_volumes.hpp"

// What the task runner does in Docker, each as one blocking function for a worker. They touch no
// state of the engine.
namespace local::ecs {

struct CreateOutcome {
  std::string id;
  std::string failure;         // "CannotPullContainerError: ..."; empty = created
  bool wants_network = false;  // refused because the network does not exist yet
  bool unreachable = false;
};

struct StartOutcome {
  docker::Container container;
  std::string failure;
  bool unreachable = false;
  bool engine_trouble = false;  // a 5xx: perhaps Docker is just shutting down
};

struct StopOutcome {
  docker::Container container;
  bool gone = false;
  bool unreachable = false;
};

// Makes the volumes, then pulls the image when, and only when, Docker does not have it. A container
// of that name left by an earlier attempt is taken over.
CreateOutcome create_in_docker(docker::Engine& docker,
                               const docker::ContainerSpec& spec,
                               const std::vector<VolumeNeed>& volumes,
                               const docker::RegistryCredentials* credentials);
// The pause image is made by us, from bytes.
CreateOutcome create_pause_in_docker(docker::Engine& docker, const docker::ContainerSpec& spec);
StartOutcome start_in_docker(docker::Engine& docker,
                             const std::string& id,
                             const std::vector<std::string>& more_networks,
                             const std::vector<std::string>& aliases);
StopOutcome stop_in_docker(docker::Engine& docker,
                           const std::string& id,
                           std::chrono::seconds grace);

}  // namespace local::ecs
