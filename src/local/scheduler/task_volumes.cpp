#include "local/scheduler/task_volumes.hpp"

#include <algorithm>

#include "awsapi/efs.hpp"
#include "local/scheduler/container_spec.hpp"
#include "local/scheduler/pause_image.hpp"
#include "local/scheduler/tar.hpp"
#include "util/strings.hpp"

namespace local::ecs {
namespace {

namespace efs_api = ::awsapi::efs;

constexpr std::string_view kMountedAt = "v";  // in the helper container

util::unexpected<std::string> efs_failure(std::string_view what) {
  return util::unexpected<std::string>(
      "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: "
      "stderr: " +
      std::string(what));
}

// "/data/files" -> "docker-ecs-fs-1-data-files"; the root directory has no suffix.
std::string directory_volume(std::string_view file_system, std::string_view path) {
  std::string name = "docker-ecs-" + std::string(file_system);
  for (const std::string& part : util::split(path, '/')) {
    if (part.empty()) {
      continue;
    }
    name += '-';
    for (const char c : part) {
      name += util::is_alnum(c) || c == '_' || c == '.' ? c : '_';
    }
  }
  return name;
}

util::Result<VolumeNeed, std::string> efs_need(const api::EFSVolumeConfiguration& efs,
                                               const docker::Labels& labels,
                                               const ActionTable& actions) {
  efs_api::DescribeFileSystemsRequest which;
  which.file_system_id = efs.file_system_id;
  const auto systems = actions.call(which);
  if (!systems) {
    return efs_failure(
        "Failed to resolve \"" + efs.file_system_id +
        "\" - check that your file system ID is correct: " + systems.error().message);
  }
  const efs_api::FileSystemDescription& system = systems->file_systems.front();
  if (system.number_of_mount_targets == 0) {
    return efs_failure("Failed to resolve \"" + system.file_system_id +
                       "\" - The file system mount target ip address cannot be found.");
  }
  VolumeNeed out;
  std::string path = efs.root_directory.value_or("/");
  if (efs.authorization_config && efs.authorization_config->access_point_id) {
    efs_api::DescribeAccessPointsRequest ask;
    ask.access_point_id = efs.authorization_config->access_point_id;
    const auto points = actions.call(ask);
    if (!points || points->access_points.front().file_system_id != system.file_system_id) {
      return efs_failure("mount.nfs4: access denied by server: access point " +
                         *ask.access_point_id + " is none of file system " + system.file_system_id);
    }
    const efs_api::AccessPointDescription& point = points->access_points.front();
    path = point.root_directory->path.value_or("/");
    if (const auto& info = point.root_directory->creation_info; info && path != "/") {
      out.has_owner = true;
      out.uid = static_cast<std::uint32_t>(info->owner_uid);
      out.gid = static_cast<std::uint32_t>(info->owner_gid);
      out.mode = static_cast<std::uint32_t>(std::stoul(info->permissions, nullptr, 8));
    }
  }
  out.volume.name = directory_volume(system.file_system_id, path);
  const auto engine = labels.find(std::string(kLabelPrefix) + "engine");
  if (engine != labels.end()) {
    out.volume.labels[engine->first] = engine->second;
  }
  out.volume.labels[std::string(kLabelPrefix) + "file-system"] = system.file_system_id;
  out.volume.labels[std::string(kLabelPrefix) + "directory"] = path;
  return out;
}

std::string scratch_name(const api::Volume& volume, std::string_view task_prefix) {
  return std::string(task_prefix) + volume.name.value_or("volume");
}

const api::Volume* find_volume(const api::TaskDefinition& definition,
                               const std::optional<std::string>& name) {
  const auto at = std::find_if(definition.volumes.begin(),
                               definition.volumes.end(),
                               [&](const api::Volume& v) { return v.name == name; });
  return at == definition.volumes.end() ? nullptr : &*at;
}

// Its own mount points, then those of the containers in volumesFrom.
std::vector<api::MountPoint> mount_points(const api::TaskDefinition& definition,
                                          const api::ContainerDefinition& container) {
  std::vector<api::MountPoint> out = container.mount_points;
  for (const api::VolumeFrom& from : container.volumes_from) {
    for (const api::ContainerDefinition& other : definition.container_definitions) {
      if (other.name != from.source_container) {
        continue;
      }
      for (api::MountPoint point : other.mount_points) {
        point.read_only = point.read_only.value_or(false) || from.read_only.value_or(false);
        out.push_back(std::move(point));
      }
    }
  }
  return out;
}

docker::Result<void> set_owner(docker::Engine& docker,
                               const VolumeNeed& need,
                               const std::string& helper) {
  if (!docker.inspect_image(kPauseImage)) {
    if (auto made = docker.import_image(pause_archive(), kPauseImage, {"CMD [\"/pause\"]"});
        !made) {
      return made;
    }
  }
  docker::ContainerSpec spec;
  spec.name = helper;
  spec.image = std::string(kPauseImage);
  spec.labels = need.volume.labels;
  spec.network = "none";
  docker::Mount mount;
  mount.source = need.volume.name;
  mount.target = "/" + std::string(kMountedAt);
  mount.no_copy = true;
  spec.mounts.push_back(std::move(mount));
  [[maybe_unused]] const auto left_over = docker.remove_container(helper);
  auto id = docker.create_container(spec);
  if (!id) {
    return util::unexpected(std::move(id.error()));
  }
  auto put = docker.put_archive(*id,
                                "/",
                                tar_archive({{.name = std::string(kMountedAt) + "/",
                                              .mode = need.mode,
                                              .uid = need.uid,
                                              .gid = need.gid,
                                              .content = {}}}));
  auto removed = docker.remove_container(*id);
  return put ? removed : put;
}

}  // namespace

util::Result<TaskVolumes, std::string> volumes_of(const api::TaskDefinition& definition,
                                                  const api::ContainerDefinition& container,
                                                  const docker::Labels& labels,
                                                  std::string_view task_prefix,
                                                  const ActionTable& actions) {
  TaskVolumes out;
  for (const api::MountPoint& point : mount_points(definition, container)) {
    const api::Volume* volume = find_volume(definition, point.source_volume);
    if (volume == nullptr || !point.container_path) {
      continue;
    }
    VolumeNeed need;
    if (volume->efs_volume_configuration) {
      auto efs = efs_need(*volume->efs_volume_configuration, labels, actions);
      if (!efs) {
        return util::unexpected(std::move(efs.error()));
      }
      need = std::move(*efs);
    } else {
      need.of_task = true;
      need.volume = {scratch_name(*volume, task_prefix), labels};
    }
    docker::Mount mount;
    mount.source = need.volume.name;
    mount.target = *point.container_path;
    mount.read_only = point.read_only.value_or(false);
    mount.no_copy = !need.of_task;  // a file system of the network hides what the image has there
    out.mounts.push_back(std::move(mount));
    out.needs.push_back(std::move(need));
  }
  return out;
}

std::vector<std::string> scratch_volumes(const api::TaskDefinition& definition,
                                         std::string_view task_prefix) {
  std::vector<std::string> out;
  for (const api::Volume& volume : definition.volumes) {
    if (!volume.efs_volume_configuration) {
      out.push_back(scratch_name(volume, task_prefix));
    }
  }
  return out;
}

docker::Result<void> make_volumes(docker::Engine& docker,
                                  const std::vector<VolumeNeed>& needs,
                                  const std::string& helper) {
  for (const VolumeNeed& need : needs) {
    bool fresh = !need.is_known;
    if (need.has_owner && need.is_known) {
      const auto there = docker.list_volumes({std::string(kLabelPrefix) + "directory"});
      fresh = there && std::none_of(there->begin(), there->end(), [&](const docker::Volume& v) {
                return v.name == need.volume.name;
              });
    }
    if (auto made = docker.create_volume(need.volume); !made) {
      return made;
    }
    if (need.has_owner && fresh) {
      if (auto set = set_owner(docker, need, helper); !set) {
        return set;
      }
    }
  }
  return {};
}

}  // namespace local::ecs
