#include "convert/volumes.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "convert/bind_mounts.hpp"
#include "convert/extensions.hpp"
#include "convert/naming.hpp"
#include "convert/network.hpp"
#include "convert/placement.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr int kMountTargets =
    2;  // a template cannot know how many subnets there are; two are the least

struct VolumeUse {
  std::string key;
  std::string path;
  bool read_only = false;
};

const compose::Volume* find_volume(const compose::Project& project, const std::string& key) {
  const auto at = project.volumes.find(key);
  return at == project.volumes.end() ? nullptr : &at->second;
}

bool is_existing(const compose::Project& project, const std::string& key) {
  const compose::Volume* volume = find_volume(project, key);
  return volume != nullptr && volume->external;
}

std::string option(const compose::Volume* volume, std::string_view name) {
  const std::string* value = volume == nullptr ? nullptr : compose::find(volume->driver_opts, name);
  return value == nullptr ? std::string() : std::string(util::trim(*value));
}

// The named volumes that are file systems; the others end with their task.
std::vector<VolumeUse> volume_uses(const compose::Project& project,
                                   const compose::Service& service,
                                   VolumeKind kind = VolumeKind::file_system) {
  std::vector<VolumeUse> out;
  for (const compose::Mount& mount : service.mounts) {
    const auto* volume = std::get_if<compose::VolumeMount>(&mount.source);
    if (volume != nullptr && volume->source &&
        volume_kind(project, volume->source->value) == kind) {
      out.push_back({volume->source->value, mount.target, mount.read_only});
    }
    if (std::string key = bind_volume_key(project, service, mount);
        !key.empty() && kind == VolumeKind::file_system) {
      out.push_back({std::move(key), mount.target, mount.read_only});
    }
  }
  return out;
}

doc::Node file_system_id(const compose::Project& project, const std::string& key) {
  return is_existing(project, key) ? doc::Node(find_volume(project, key)->name)
                                   : cloudformation::ref(logical_id(key, "Filesystem").str());
}

doc::Node file_system_arn(const compose::Project& project, const std::string& key) {
  if (is_existing(project, key)) {
    return cloudformation::sub(
        "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/" +
        find_volume(project, key)->name);
  }
  return cloudformation::get_att(logical_id(key, "Filesystem").str(), "Arn");
}

cloudformation::LogicalId mount_target_id(const std::string& key, int number) {
  return logical_id(key, "NFSMountTarget" + std::to_string(number));
}

void check_volume(Builder& builder, const compose::Volume& volume) {
  const VolumeKind kind = volume_kind(builder.project(), volume.key);
  constexpr std::array<std::string_view, 10> kOptions = {"backup_policy",
                                                         "gid",
                                                         "kms_key_id",
                                                         "lifecycle_policy",
                                                         "performance_mode",
                                                         "permissions",
                                                         "provisioned_throughput",
                                                         "root_directory",
                                                         "throughput_mode",
                                                         "uid"};
  if (volume.external && !volume.name.starts_with("fs-")) {
    builder.error("convert.external-volume",
                  volume.span,
                  "external volume `" + volume.key + "` is not an EFS file system",
                  "give its id with `name: fs-…`");
  }
  for (const compose::Pair& entry : volume.driver_opts) {
    const bool local = entry.name == "device" || entry.name == "type" || entry.name == "o";
    if (local && kind == VolumeKind::file_system) {
      builder.error(
          "convert.unsupported",
          entry.span,
          "volume `" + volume.key +
              "` is a mount of this machine, which a Fargate task does not have",
          "leave its `driver_opts` out for EFS; `type: tmpfs` and `type: ephemeral` end with "
          "the task");
      return;
    }
    if (local || (kind == VolumeKind::scratch && entry.name == "size")) {
      continue;
    }
    if (std::find(kOptions.begin(), kOptions.end(), entry.name) == kOptions.end()) {
      builder.warning("convert.ignored",
                      entry.span,
                      "option `" + entry.name + "` of volume `" + volume.key +
                          "` is ignored: EFS has none of that name");
    }
  }
}

doc::Node volume_tags(const Builder& builder, const std::string& key) {
  doc::Node tags = builder.tags("volume", key);
  tags.as_sequence()->items.push_back(
      Fields().add("Key", "Name").add("Value", builder.project().name + "_" + key).node());
  return tags;
}

void add_file_system(Builder& builder, const std::string& key) {
  const compose::Volume* volume = find_volume(builder.project(), key);
  const auto value_or = [&](std::string_view name, std::string_view otherwise) {
    const std::string given = option(volume, name);
    return given.empty() ? std::string(otherwise) : given;
  };
  Fields properties;
  properties.add("Encrypted", true);
  if (const std::string kms = option(volume, "kms_key_id"); !kms.empty()) {
    properties.add("KmsKeyId", kms);
  }
  properties.add("PerformanceMode", value_or("performance_mode", "generalPurpose"));
  const std::string mode = value_or("throughput_mode", "elastic");
  properties.add("ThroughputMode", mode);
  if (const std::string throughput = option(volume, "provisioned_throughput");
      !throughput.empty()) {
    properties.add("ProvisionedThroughputInMibps", throughput);
  }
  if (const std::string lifecycle = option(volume, "lifecycle_policy"); !lifecycle.empty()) {
    properties.add("LifecyclePolicies", items(Fields().add("TransitionToIA", lifecycle).node()));
  }
  if (const std::string backup = option(volume, "backup_policy"); !backup.empty()) {
    properties.add("BackupPolicy", Fields().add("Status", backup).node());
  }
  properties.add("FileSystemTags", volume_tags(builder, key));
  cloudformation::Resource out = resource(logical_id(key, "Filesystem"),
                                          "AWS::EFS::FileSystem",
                                          std::move(properties),
                                          volume == nullptr ? diag::Span{} : volume->span);
  out.deletion_policy = "Retain";
  out.update_replace_policy = "Retain";
  builder.add(std::move(out));
}

// Access points have one root: a mount cannot begin below it.
void check_mounts(Builder& builder) {
  for (const auto& [name, service] : builder.project().services) {
    for (const compose::Mount& mount : service.mounts) {
      const auto* volume = std::get_if<compose::VolumeMount>(&mount.source);
      if (volume != nullptr && !volume->subpath.empty()) {
        builder.error("convert.unsupported",
                      mount.span,
                      "`subpath` of the mount at `" + mount.target + "` cannot be converted",
                      "make the folder a volume of its own with `driver_opts: {root_directory: /" +
                          volume->subpath + "}`");
      }
    }
  }
}

// NFS from the networks of the services that mount the volume, from nowhere else.
void add_volume_group(Builder& builder,
                      const std::string& key,
                      const std::set<std::string>& networks) {
  doc::Sequence rules;
  for (const std::string& network : networks) {
    rules.items.push_back(
        Fields()
            .add("Description", "NFS from network " + network)
            .add("IpProtocol", "tcp")
            .add("FromPort", 2049)
            .add("ToPort", 2049)
            .add("SourceSecurityGroupId", security_group_id(builder.project(), network))
            .node());
  }
  builder.add(resource(logical_id(key, "VolumeSecurityGroup"),
                       "AWS::EC2::SecurityGroup",
                       Fields()
                           .add("GroupDescription",
                                "Volume " + key + " of Compose project " + builder.project().name)
                           .add("VpcId", vpc_id(builder.project()))
                           .add("SecurityGroupIngress", doc::Node(std::move(rules)))
                           .add("Tags", builder.tags("volume", key))));
}

void add_mount_targets(Builder& builder, const std::string& key) {
  const std::string group = logical_id(key, "VolumeSecurityGroup").str();
  for (int number = 1; number <= kMountTargets; ++number) {
    builder.add(resource(
        mount_target_id(key, number),
        "AWS::EFS::MountTarget",
        Fields()
            .add("FileSystemId", file_system_id(builder.project(), key))
            .add("SubnetId", task_subnet(builder.project(), static_cast<std::size_t>(number - 1)))
            .add("SecurityGroups", items(cloudformation::get_att(group, "GroupId")))));
  }
}

bool acts_as_owner(const compose::Volume* volume) {
  return volume != nullptr &&
         (!option(volume, "uid").empty() || volume->extensions.find("x-aws-owner") != nullptr);
}

struct Owner {
  std::string uid;
  std::string gid;
};

// `driver_opts` uid and gid, or `x-aws-owner: uid:gid`.
Owner owner_of(Builder& builder, const compose::Volume* volume) {
  std::string uid = option(volume, "uid");
  std::string gid = option(volume, "gid");
  if (volume != nullptr && uid.empty()) {
    const auto owner = text_extension(builder, volume->extensions, "x-aws-owner");
    const std::size_t colon = owner ? owner->find(':') : std::string::npos;
    uid = owner ? owner->substr(0, colon) : std::string();
    gid = colon == std::string::npos ? gid : owner->substr(colon + 1);
  }
  return {uid, gid.empty() ? uid : gid};
}

// With a uid, everybody acts as that user; without, as the container's own user in a directory open
// to all.
void add_access_point(Builder& builder, const std::string& key) {
  const compose::Volume* volume = find_volume(builder.project(), key);
  const Owner owner = owner_of(builder, volume);
  const std::string& uid = owner.uid;
  const std::string& gid = owner.gid;
  const std::string permissions = option(volume, "permissions");
  std::string root = option(volume, "root_directory");
  if (volume != nullptr && root.empty()) {
    root = text_extension(builder, volume->extensions, "x-aws-path").value_or("");
  }
  Fields properties;
  properties.add("FileSystemId", file_system_id(builder.project(), key));
  if (!uid.empty()) {
    properties.add("PosixUser", Fields().add("Uid", uid).add("Gid", gid).node());
  }
  properties.add("RootDirectory",
                 Fields()
                     .add("Path", root.empty() ? "/" + key : root)
                     .add("CreationInfo",
                          Fields()
                              .add("OwnerUid", uid.empty() ? "0" : uid)
                              .add("OwnerGid", gid.empty() ? "0" : gid)
                              .add("Permissions",
                                   !permissions.empty() ? permissions
                                   : uid.empty()        ? "0777"
                                                        : "0755")
                              .node())
                     .node());
  properties.add("AccessPointTags", volume_tags(builder, key));
  builder.add(
      resource(logical_id(key, "AccessPoint"), "AWS::EFS::AccessPoint", std::move(properties)));
}

}  // namespace

VolumeKind volume_kind(const compose::Project& project, const std::string& key) {
  const compose::Volume* volume = find_volume(project, key);
  const std::string type = option(volume, "type");
  if (type == "tmpfs") {
    return VolumeKind::tmpfs;
  }
  return type == "ephemeral" ? VolumeKind::scratch : VolumeKind::file_system;
}

bool has_volumes(const compose::Project& project, const compose::Service& service) {
  return !volume_uses(project, service).empty();
}

doc::Node volume_subnets(const compose::Project& project) {
  return items(task_subnet(project, 0), task_subnet(project, 1));
}

void add_volumes(Builder& builder, const TaskGroups& groups) {
  check_mounts(builder);
  std::map<std::string, std::set<std::string>> networks_of_volume;
  for (const TaskGroup& group : groups.all()) {
    const std::vector<std::string> networks = groups.networks(group);
    for (const compose::Service* service : group.services) {
      for (const VolumeUse& use : volume_uses(builder.project(), *service)) {
        networks_of_volume[use.key].insert(networks.begin(), networks.end());
      }
    }
  }
  for (const auto& [key, networks] : networks_of_volume) {
    if (const compose::Volume* volume = find_volume(builder.project(), key)) {
      check_volume(builder, *volume);
    }
    if (!is_existing(builder.project(), key)) {
      add_file_system(builder, key);
      add_volume_group(builder, key, networks);
      add_mount_targets(builder, key);
    }
    add_access_point(builder, key);
  }
}

doc::Sequence task_volumes(const compose::Project& project, const compose::Service& service) {
  std::set<std::string> seen;
  doc::Sequence out;
  for (const VolumeUse& use : volume_uses(project, service)) {
    if (!seen.insert(use.key).second) {
      continue;
    }
    doc::Node authorization =
        Fields()
            .add("AccessPointId", cloudformation::ref(logical_id(use.key, "AccessPoint").str()))
            .add("IAM", "ENABLED")
            .node();
    out.items.push_back(Fields()
                            .add("Name", ecs_name(use.key))
                            .add("EFSVolumeConfiguration",
                                 Fields()
                                     .add("FilesystemId", file_system_id(project, use.key))
                                     .add("TransitEncryption", "ENABLED")
                                     .add("AuthorizationConfig", std::move(authorization))
                                     .node())
                            .node());
  }
  for (const VolumeUse& use : volume_uses(project, service, VolumeKind::scratch)) {
    if (seen.insert(use.key).second) {
      out.items.push_back(Fields().add("Name", ecs_name(use.key)).node());
    }
  }
  return out;
}

doc::Sequence mount_points(const compose::Project& project, const compose::Service& service) {
  doc::Sequence out;
  for (const VolumeUse& use : volume_uses(project, service)) {
    out.items.push_back(Fields()
                            .add("SourceVolume", ecs_name(use.key))
                            .add("ContainerPath", use.path)
                            .add("ReadOnly", use.read_only)
                            .node());
  }
  for (const VolumeUse& use : volume_uses(project, service, VolumeKind::scratch)) {
    out.items.push_back(Fields()
                            .add("SourceVolume", ecs_name(use.key))
                            .add("ContainerPath", use.path)
                            .add("ReadOnly", use.read_only)
                            .node());
  }
  return out;
}

std::vector<doc::Node> volume_statements(const compose::Project& project,
                                         const compose::Service& service) {
  std::map<std::string, bool> writable;
  for (const VolumeUse& use : volume_uses(project, service)) {
    writable[use.key] = writable[use.key] || !use.read_only;
  }
  std::vector<doc::Node> out;
  for (const auto& [key, write] : writable) {
    doc::Sequence actions;
    actions.items.emplace_back("elasticfilesystem:ClientMount");
    if (write) {
      actions.items.emplace_back("elasticfilesystem:ClientWrite");
    }
    if (write && !acts_as_owner(find_volume(project, key))) {
      actions.items.emplace_back("elasticfilesystem:ClientRootAccess");
    }
    doc::Node access_point = cloudformation::get_att(logical_id(key, "AccessPoint").str(), "Arn");
    out.push_back(
        Fields()
            .add("Effect", "Allow")
            .add("Action", doc::Node(std::move(actions)))
            .add("Resource", file_system_arn(project, key))
            .add("Condition",
                 Fields()
                     .add("StringEquals",
                          Fields()
                              .add("elasticfilesystem:AccessPointArn", std::move(access_point))
                              .node())
                     .node())
            .node());
  }
  return out;
}

std::vector<cloudformation::LogicalId> volume_dependencies(const compose::Project& project,
                                                           const compose::Service& service) {
  std::set<std::string> keys;
  for (const VolumeUse& use : volume_uses(project, service)) {
    keys.insert(use.key);
  }
  std::vector<cloudformation::LogicalId> out;
  for (const std::string& key : keys) {
    for (int number = 1; number <= kMountTargets && !is_existing(project, key); ++number) {
      out.push_back(mount_target_id(key, number));
    }
  }
  return out;
}

}  // namespace convert
