#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/ecs.hpp"
#include "docker/engine.hpp"
#include "local/action_table.hpp"
#include "util/result.hpp"

// The volumes of a task as Docker volumes. A volume of the task itself lives as long as the task; a
// root directory of an EFS file system is a Docker volume that lives until the file system is
// deleted, made with the owner and the permissions of its access point.
namespace local::ecs {

namespace api = ::awsapi::ecs;

struct VolumeNeed {
  docker::Volume volume;
  bool of_task = false;    // goes with the task
  bool has_owner = false;  // its root gets the next three when it is new
  bool is_known = false;   // has got them before, unless somebody removed the volume
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t mode = 0755;
};

struct TaskVolumes {
  std::vector<VolumeNeed> needs;
  std::vector<docker::Mount> mounts;
};

// What one container of the task mounts. The error is the reason the task stops with: a file system
// or an access point that is not there, or that has no mount target.
util::Result<TaskVolumes, std::string> volumes_of(const api::TaskDefinition& definition,
                                                  const api::ContainerDefinition& container,
                                                  const docker::Labels& labels,
                                                  std::string_view task_prefix,
                                                  const ActionTable& actions);

// Names of Docker volumes that go with the task.
std::vector<std::string> scratch_volumes(const api::TaskDefinition& definition,
                                         std::string_view task_prefix);

// For a worker: makes what is missing. `helper` names the container that sets an owner.
docker::Result<void> make_volumes(docker::Engine& docker,
                                  const std::vector<VolumeNeed>& needs,
                                  const std::string& helper);

}  // namespace local::ecs
