#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/task_groups.hpp"

namespace convert {

// Named volumes become EFS: per volume in use a file system (kept when the stack goes), an access
// point, a security group that admits the networks of the services that mount it, and mount targets
// in the first two subnets. A volume that is `external` with `name: fs-…` is used as it is.
void add_volumes(Builder& builder, const TaskGroups& groups);

// What a named volume is: an EFS file system, or by `driver_opts: {type: …}` something that ends
// with its task: memory (`tmpfs`), or storage that the containers of one task share (`ephemeral`).
enum class VolumeKind : std::uint8_t { file_system, tmpfs, scratch };
VolumeKind volume_kind(const compose::Project& project, const std::string& key);

// Whether the service mounts a file system; its tasks then stay in the subnets that have mount
// targets.
bool has_volumes(const compose::Project& project, const compose::Service& service);

// The subnets of the mount targets: the first two of the parameter.
doc::Node volume_subnets(const compose::Project& project);

// For the task definition: Volumes and, of the container, MountPoints.
doc::Sequence task_volumes(const compose::Project& project, const compose::Service& service);
doc::Sequence mount_points(const compose::Project& project, const compose::Service& service);

// What the task role must allow, a statement a volume.
std::vector<doc::Node> volume_statements(const compose::Project& project,
                                         const compose::Service& service);

// What must exist before the service's tasks start.
std::vector<cloudformation::LogicalId> volume_dependencies(const compose::Project& project,
                                                           const compose::Service& service);

}  // namespace convert
