#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/efs.hpp"
#include "docker/engine.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"

namespace local {

// Elastic File System as records; the files are in Docker volumes, one for each root directory that
// a task mounts (scheduler/task_volumes.hpp). They live until their file system is deleted.
class Efs {
 public:
  // `docker` outlives it and the workers.
  Efs(Context& context, const ActionTable& actions, docker::Engine& docker)
      : context_(context), actions_(actions), docker_(docker) {}

  void add_actions(ActionTable& table);
  void restore();

 private:
  struct FileSystem {
    awsapi::efs::FileSystemDescription wire;
    std::vector<awsapi::efs::LifecyclePolicy> lifecycle;
    std::optional<awsapi::efs::BackupPolicy> backup;
    std::optional<std::string> policy;
  };

  struct MountTarget {
    awsapi::efs::MountTargetDescription wire;
    std::vector<std::string> groups;
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;
  using FileSystems = std::map<std::string, FileSystem, std::less<>>;
  using AccessPoints = std::map<std::string, awsapi::efs::AccessPointDescription, std::less<>>;
  using MountTargets = std::map<std::string, MountTarget, std::less<>>;

  void add_file_system_actions(ActionTable& table);
  void add_access_point_actions(ActionTable& table);
  void add_mount_target_actions(ActionTable& table);
  void add_policy_actions(ActionTable& table);
  void add_tag_actions(ActionTable& table);

  Answer<awsapi::efs::CreateFileSystemResponse> create(
      const awsapi::efs::CreateFileSystemRequest& request);
  Answer<awsapi::efs::DeleteFileSystemResponse> remove(
      const awsapi::efs::DeleteFileSystemRequest& request);
  Answer<awsapi::efs::DescribeFileSystemsResponse> describe(
      const awsapi::efs::DescribeFileSystemsRequest& request);
  Answer<awsapi::efs::CreateAccessPointResponse> create(
      const awsapi::efs::CreateAccessPointRequest& request);
  Answer<awsapi::efs::DescribeAccessPointsResponse> describe(
      const awsapi::efs::DescribeAccessPointsRequest& request) const;
  Answer<awsapi::efs::CreateMountTargetResponse> create(
      const awsapi::efs::CreateMountTargetRequest& request);
  Answer<awsapi::efs::DescribeMountTargetsResponse> describe(
      const awsapi::efs::DescribeMountTargetsRequest& request);

  // By id or ARN.
  Answer<FileSystem*> file_system(std::string_view id);
  Answer<MountTarget*> mount_target(std::string_view id);
  // The tags of a file system or an access point.
  Answer<std::vector<awsapi::efs::Tag>*> tags_of(std::string_view id);
  [[nodiscard]] awsapi::efs::FileSystemDescription shown(const FileSystem& record) const;
  void save(const FileSystem& record);
  void save(const awsapi::efs::AccessPointDescription& record);
  void save(const MountTarget& record);
  void remove_volumes(const std::string& file_system);

  Context& context_;
  const ActionTable& actions_;
  docker::Engine& docker_;
  FileSystems file_systems_;
  AccessPoints access_points_;
  MountTargets mount_targets_;
};

}  // namespace local
