#include "local/actions/efs.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/ec2.hpp"
#include "local/actions/paging.hpp"
#include "local/store.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace efs_api = awsapi::efs;
using awsapi::EmptyLists;

constexpr std::string_view kFileSystems = "efs.file-system";
constexpr std::string_view kAccessPoints = "efs.access-point";
constexpr std::string_view kMountTargets = "efs.mount-target";
constexpr std::string_view kFileSystemLabel = "com.docker.ecs.file-system=";

// What a resource id is in an ARN; the id itself otherwise.
std::string_view bare_id(std::string_view id_or_arn) {
  return id_or_arn.substr(id_or_arn.rfind('/') + 1);
}

ApiError efs_error(std::string code, std::string message, int status) {
  return {std::move(code), std::move(message), status};
}

std::optional<std::string> name_in(const std::vector<efs_api::Tag>& tags) {
  const auto at =
      std::find_if(tags.begin(), tags.end(), [](const efs_api::Tag& t) { return t.key == "Name"; });
  return at == tags.end() ? std::nullopt : std::optional(at->value);
}

template <class T>
doc::Node list_node(const std::vector<T>& items) {
  doc::Sequence out;
  for (const T& item : items) {
    out.items.push_back(item.to_node(EmptyLists::omit));
  }
  return doc::Node{std::move(out)};
}

ApiError bad_token() {
  return efs_error("BadRequest", "The pagination token is not valid.", 400);
}

constexpr std::int64_t kEfsPage = 100;

}  // namespace

void Efs::save(const FileSystem& record) {
  doc::Mapping body;
  body.set("wire", record.wire.to_node(EmptyLists::omit));
  body.set("lifecycle", list_node(record.lifecycle));
  if (record.backup) {
    body.set("backup", record.backup->to_node(EmptyLists::omit));
  }
  if (record.policy) {
    body.set("policy", doc::Node{*record.policy});
  }
  context_.store.put(kFileSystems, record.wire.file_system_id, doc::Node{std::move(body)});
}

void Efs::save(const efs_api::AccessPointDescription& record) {
  context_.store.put(kAccessPoints, *record.access_point_id, record.to_node(EmptyLists::omit));
}

void Efs::save(const MountTarget& record) {
  doc::Sequence groups;
  for (const std::string& group : record.groups) {
    groups.items.emplace_back(group);
  }
  context_.store.put(kMountTargets,
                     record.wire.mount_target_id,
                     doc::map({{"wire", record.wire.to_node(EmptyLists::omit)},
                               {"groups", doc::Node{std::move(groups)}}}));
}

void Efs::restore() {
  context_.store.each(kFileSystems, [this](const std::string& id, const doc::Node& body) {
    FileSystem& record = file_systems_[id];
    record.wire = efs_api::FileSystemDescription::from_node(*body.find("wire"));
    for (const doc::Node& policy : body.find("lifecycle")->as_sequence()->items) {
      record.lifecycle.push_back(efs_api::LifecyclePolicy::from_node(policy));
    }
    if (const doc::Node* backup = body.find("backup")) {
      record.backup = efs_api::BackupPolicy::from_node(*backup);
    }
    if (const doc::Node* policy = body.find("policy")) {
      record.policy = *policy->as_string();
    }
  });
  context_.store.each(kAccessPoints, [this](const std::string& id, const doc::Node& body) {
    access_points_[id] = efs_api::AccessPointDescription::from_node(body);
  });
  context_.store.each(kMountTargets, [this](const std::string& id, const doc::Node& body) {
    MountTarget& record = mount_targets_[id];
    record.wire = efs_api::MountTargetDescription::from_node(*body.find("wire"));
    for (const doc::Node& group : body.find("groups")->as_sequence()->items) {
      record.groups.push_back(*group.as_string());
    }
  });
}

Efs::Answer<Efs::FileSystem*> Efs::file_system(std::string_view id) {
  const auto at = file_systems_.find(bare_id(id));
  if (at == file_systems_.end()) {
    return util::unexpected(efs_error(
        "FileSystemNotFound", "File system '" + std::string(id) + "' does not exist.", 404));
  }
  return &at->second;
}

Efs::Answer<Efs::MountTarget*> Efs::mount_target(std::string_view id) {
  const auto at = mount_targets_.find(id);
  if (at == mount_targets_.end()) {
    return util::unexpected(efs_error(
        "MountTargetNotFound", "Mount target '" + std::string(id) + "' does not exist.", 404));
  }
  return &at->second;
}

efs_api::FileSystemDescription Efs::shown(const FileSystem& record) const {
  efs_api::FileSystemDescription out = record.wire;
  out.number_of_mount_targets =
      std::count_if(mount_targets_.begin(), mount_targets_.end(), [&](const auto& entry) {
        return entry.second.wire.file_system_id == record.wire.file_system_id;
      });
  return out;
}

Efs::Answer<efs_api::CreateFileSystemResponse> Efs::create(
    const efs_api::CreateFileSystemRequest& request) {
  for (const auto& [id, record] : file_systems_) {
    if (!request.creation_token.empty() && record.wire.creation_token == request.creation_token) {
      return util::unexpected(efs_error("FileSystemAlreadyExists",
                                        "File system '" + id +
                                            "' already exists with creation token '" +
                                            request.creation_token + "'",
                                        409));
    }
  }
  FileSystem record;
  efs_api::FileSystemDescription& wire = record.wire;
  wire.owner_id = context_.account;
  wire.creation_token =
      request.creation_token.empty() ? context_.ids.uuid() : request.creation_token;
  wire.file_system_id = "fs-" + context_.ids.hex(17);
  wire.file_system_arn = context_.arn("elasticfilesystem", "file-system/" + wire.file_system_id);
  wire.creation_time = awsapi::Timestamp{context_.now().time_since_epoch().count()};
  wire.life_cycle_state = "available";
  wire.name = name_in(request.tags);
  wire.performance_mode = request.performance_mode.value_or("generalPurpose");
  wire.encrypted = request.encrypted.value_or(false);
  wire.kms_key_id = request.kms_key_id;
  wire.throughput_mode = request.throughput_mode.value_or("bursting");
  wire.provisioned_throughput_in_mibps = request.provisioned_throughput_in_mibps;
  wire.availability_zone_name = request.availability_zone_name;
  wire.tags = request.tags;
  save(record);
  auto shape = shown(record);
  file_systems_[wire.file_system_id] = std::move(record);
  return efs_api::CreateFileSystemResponse::from_node(shape.to_node(EmptyLists::omit));
}

Efs::Answer<efs_api::DeleteFileSystemResponse> Efs::remove(
    const efs_api::DeleteFileSystemRequest& request) {
  auto found = file_system(request.file_system_id);
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  const std::string id = (*found)->wire.file_system_id;
  if (shown(**found).number_of_mount_targets > 0) {
    return util::unexpected(efs_error(
        "FileSystemInUse", "File system '" + id + "' has mount targets created in it.", 409));
  }
  std::erase_if(access_points_, [&](const auto& entry) {
    if (entry.second.file_system_id != id) {
      return false;
    }
    context_.store.remove(kAccessPoints, entry.first);
    return true;
  });
  file_systems_.erase(id);
  context_.store.remove(kFileSystems, id);
  remove_volumes(id);
  return efs_api::DeleteFileSystemResponse{};
}

void Efs::remove_volumes(const std::string& file_system) {
  context_.workers.run(
      [&docker = docker_,
       label = std::string(kFileSystemLabel) + file_system]() -> Workers::Continuation {
        const auto volumes = docker.list_volumes({label});
        for (const docker::Volume& volume : volumes ? *volumes : std::vector<docker::Volume>{}) {
          [[maybe_unused]] const auto removed = docker.remove_volume(volume.name);
        }
        return {};
      });
}

Efs::Answer<efs_api::DescribeFileSystemsResponse> Efs::describe(
    const efs_api::DescribeFileSystemsRequest& request) {
  std::vector<efs_api::FileSystemDescription> all;
  if (request.file_system_id) {
    auto one = file_system(*request.file_system_id);
    if (!one) {
      return util::unexpected(std::move(one.error()));
    }
    all.push_back(shown(**one));
  } else {
    for (const auto& [id, record] : file_systems_) {
      if (!request.creation_token || record.wire.creation_token == *request.creation_token) {
        all.push_back(shown(record));
      }
    }
  }
  auto page = take_page(std::move(all), request.marker, request.max_items.value_or(kEfsPage));
  if (!page) {
    return util::unexpected(bad_token());
  }
  efs_api::DescribeFileSystemsResponse out;
  out.marker = request.marker;
  out.file_systems = std::move(page->items);
  out.next_marker = std::move(page->next);
  return out;
}

void Efs::add_file_system_actions(ActionTable& table) {
  table.add<efs_api::CreateFileSystemRequest>([this](const auto& r) { return create(r); });
  table.add<efs_api::DeleteFileSystemRequest>([this](const auto& r) { return remove(r); });
  table.add<efs_api::DescribeFileSystemsRequest>([this](const auto& r) { return describe(r); });
  table.add<efs_api::UpdateFileSystemRequest>(
      [this](const auto& r) -> Answer<efs_api::UpdateFileSystemResponse> {
        auto found = file_system(r.file_system_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        efs_api::FileSystemDescription& wire = (*found)->wire;
        wire.throughput_mode = r.throughput_mode ? r.throughput_mode : wire.throughput_mode;
        wire.provisioned_throughput_in_mibps = r.provisioned_throughput_in_mibps;
        save(**found);
        return efs_api::UpdateFileSystemResponse::from_node(
            shown(**found).to_node(EmptyLists::omit));
      });
}

void Efs::add_actions(ActionTable& table) {
  add_file_system_actions(table);
  add_access_point_actions(table);
  add_mount_target_actions(table);
  add_policy_actions(table);
  add_tag_actions(table);
}

// --- access points

Efs::Answer<efs_api::CreateAccessPointResponse> Efs::create(
    const efs_api::CreateAccessPointRequest& request) {
  auto parent = file_system(request.file_system_id);
  if (!parent) {
    return util::unexpected(std::move(parent.error()));
  }
  for (const auto& [id, record] : access_points_) {
    if (!request.client_token.empty() && record.client_token == request.client_token) {
      return util::unexpected(efs_error("AccessPointAlreadyExists",
                                        "Access point '" + id +
                                            "' already exists with client token '" +
                                            request.client_token + "'",
                                        409));
    }
  }
  efs_api::AccessPointDescription record;
  record.client_token = request.client_token;
  record.name = name_in(request.tags);
  record.tags = request.tags;
  record.access_point_id = "fsap-" + context_.ids.hex(17);
  record.access_point_arn =
      context_.arn("elasticfilesystem", "access-point/" + *record.access_point_id);
  record.file_system_id = (*parent)->wire.file_system_id;
  record.posix_user = request.posix_user;
  record.root_directory = request.root_directory.value_or(efs_api::RootDirectory{});
  record.root_directory->path = record.root_directory->path.value_or("/");
  record.owner_id = context_.account;
  record.life_cycle_state = "available";
  save(record);
  access_points_[*record.access_point_id] = record;
  return efs_api::CreateAccessPointResponse::from_node(record.to_node(EmptyLists::omit));
}

Efs::Answer<efs_api::DescribeAccessPointsResponse> Efs::describe(
    const efs_api::DescribeAccessPointsRequest& request) const {
  std::vector<efs_api::AccessPointDescription> all;
  for (const auto& [id, record] : access_points_) {
    const bool wanted =
        (!request.access_point_id || bare_id(*request.access_point_id) == id) &&
        (!request.file_system_id || bare_id(*request.file_system_id) == *record.file_system_id);
    if (wanted) {
      all.push_back(record);
    }
  }
  if (request.access_point_id && all.empty()) {
    return util::unexpected(
        efs_error("AccessPointNotFound",
                  "Access Point " + *request.access_point_id + " does not exist.",
                  404));
  }
  auto page = take_page(std::move(all), request.next_token, request.max_results.value_or(kEfsPage));
  if (!page) {
    return util::unexpected(bad_token());
  }
  return efs_api::DescribeAccessPointsResponse{std::move(page->items), std::move(page->next)};
}

void Efs::add_access_point_actions(ActionTable& table) {
  table.add<efs_api::CreateAccessPointRequest>([this](const auto& r) { return create(r); });
  table.add<efs_api::DescribeAccessPointsRequest>([this](const auto& r) { return describe(r); });
  table.add<efs_api::DeleteAccessPointRequest>(
      [this](const auto& r) -> Answer<efs_api::DeleteAccessPointResponse> {
        const std::string id(bare_id(r.access_point_id));
        if (access_points_.erase(id) == 0) {
          return util::unexpected(
              efs_error("AccessPointNotFound", "Access Point " + id + " does not exist.", 404));
        }
        context_.store.remove(kAccessPoints, id);
        return efs_api::DeleteAccessPointResponse{};
      });
}

// --- mount targets: nothing is mounted by network here, but a task does not start without one

Efs::Answer<efs_api::CreateMountTargetResponse> Efs::create(
    const efs_api::CreateMountTargetRequest& request) {
  auto parent = file_system(request.file_system_id);
  if (!parent) {
    return util::unexpected(std::move(parent.error()));
  }
  awsapi::ec2::DescribeSubnetsRequest ask;
  ask.subnet_ids = {request.subnet_id};
  const auto subnets = actions_.call(ask);
  if (!subnets || subnets->subnets.empty()) {
    return util::unexpected(efs_error(
        "SubnetNotFound", "The subnet ID '" + request.subnet_id + "' does not exist", 400));
  }
  const awsapi::ec2::Subnet& subnet = subnets->subnets.front();
  const std::string& id = (*parent)->wire.file_system_id;
  for (const auto& [other_id, other] : mount_targets_) {
    if (other.wire.file_system_id == id &&
        other.wire.availability_zone_name == subnet.availability_zone) {
      return util::unexpected(
          efs_error("MountTargetConflict", "mount target already exists in this AZ", 409));
    }
  }
  MountTarget record;
  efs_api::MountTargetDescription& wire = record.wire;
  wire.owner_id = context_.account;
  wire.mount_target_id = "fsmt-" + context_.ids.hex(17);
  wire.file_system_id = id;
  wire.subnet_id = request.subnet_id;
  wire.life_cycle_state = "available";
  const std::string cidr = subnet.cidr_block.value_or("172.31.0.0/20");
  const auto host = static_cast<std::int64_t>(10 + mount_targets_.size() % 200);
  wire.ip_address =
      request.ip_address.value_or(cidr.substr(0, cidr.rfind('.') + 1) + std::to_string(host));
  wire.network_interface_id = "eni-" + context_.ids.hex(17);
  wire.availability_zone_name = subnet.availability_zone;
  wire.availability_zone_id = subnet.availability_zone_id;
  wire.vpc_id = subnet.vpc_id;
  record.groups = request.security_groups;
  save(record);
  auto response = efs_api::CreateMountTargetResponse::from_node(wire.to_node(EmptyLists::omit));
  mount_targets_[wire.mount_target_id] = std::move(record);
  return response;
}

Efs::Answer<efs_api::DescribeMountTargetsResponse> Efs::describe(
    const efs_api::DescribeMountTargetsRequest& request) {
  std::string wanted_system(request.file_system_id ? bare_id(*request.file_system_id) : "");
  if (request.access_point_id) {
    const auto point = access_points_.find(bare_id(*request.access_point_id));
    wanted_system = point == access_points_.end() ? "none" : *point->second.file_system_id;
  } else if (request.file_system_id) {
    if (auto there = file_system(wanted_system); !there) {
      return util::unexpected(std::move(there.error()));
    }
  }
  std::vector<efs_api::MountTargetDescription> all;
  for (const auto& [id, record] : mount_targets_) {
    if ((!request.mount_target_id || *request.mount_target_id == id) &&
        (wanted_system.empty() || record.wire.file_system_id == wanted_system)) {
      all.push_back(record.wire);
    }
  }
  if (request.mount_target_id && all.empty()) {
    return util::unexpected(mount_target(*request.mount_target_id).error());
  }
  auto page = take_page(std::move(all), request.marker, request.max_items.value_or(kEfsPage));
  if (!page) {
    return util::unexpected(bad_token());
  }
  efs_api::DescribeMountTargetsResponse out;
  out.marker = request.marker;
  out.mount_targets = std::move(page->items);
  out.next_marker = std::move(page->next);
  return out;
}

void Efs::add_mount_target_actions(ActionTable& table) {
  table.add<efs_api::CreateMountTargetRequest>([this](const auto& r) { return create(r); });
  table.add<efs_api::DescribeMountTargetsRequest>([this](const auto& r) { return describe(r); });
  table.add<efs_api::DeleteMountTargetRequest>(
      [this](const auto& r) -> Answer<efs_api::DeleteMountTargetResponse> {
        if (auto found = mount_target(r.mount_target_id); !found) {
          return util::unexpected(std::move(found.error()));
        }
        mount_targets_.erase(r.mount_target_id);
        context_.store.remove(kMountTargets, r.mount_target_id);
        return efs_api::DeleteMountTargetResponse{};
      });
  table.add<efs_api::DescribeMountTargetSecurityGroupsRequest>(
      [this](const auto& r) -> Answer<efs_api::DescribeMountTargetSecurityGroupsResponse> {
        auto found = mount_target(r.mount_target_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        return efs_api::DescribeMountTargetSecurityGroupsResponse{(*found)->groups};
      });
  table.add<efs_api::ModifyMountTargetSecurityGroupsRequest>(
      [this](const auto& r) -> Answer<efs_api::ModifyMountTargetSecurityGroupsResponse> {
        auto found = mount_target(r.mount_target_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->groups = r.security_groups;
        save(**found);
        return efs_api::ModifyMountTargetSecurityGroupsResponse{};
      });
}

// --- policies: kept and shown, nothing acts on them

void Efs::add_policy_actions(ActionTable& table) {
  table.add<efs_api::PutLifecycleConfigurationRequest>(
      [this](const auto& r) -> Answer<efs_api::PutLifecycleConfigurationResponse> {
        auto found = file_system(r.file_system_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->lifecycle = r.lifecycle_policies;
        save(**found);
        return efs_api::PutLifecycleConfigurationResponse{r.lifecycle_policies};
      });
  table.add<efs_api::DescribeLifecycleConfigurationRequest>(
      [this](const auto& r) -> Answer<efs_api::DescribeLifecycleConfigurationResponse> {
        auto found = file_system(r.file_system_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        return efs_api::DescribeLifecycleConfigurationResponse{(*found)->lifecycle};
      });
  table.add<efs_api::PutBackupPolicyRequest>(
      [this](const auto& r) -> Answer<efs_api::PutBackupPolicyResponse> {
        auto found = file_system(r.file_system_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->backup = r.backup_policy;
        save(**found);
        return efs_api::PutBackupPolicyResponse{r.backup_policy};
      });
  table.add<efs_api::DescribeBackupPolicyRequest>(
      [this](const auto& r) -> Answer<efs_api::DescribeBackupPolicyResponse> {
        auto found = file_system(r.file_system_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        if (!(*found)->backup) {
          return util::unexpected(
              efs_error("PolicyNotFound", "There is no backup policy associated.", 404));
        }
        return efs_api::DescribeBackupPolicyResponse{(*found)->backup};
      });
  table.add<efs_api::PutFileSystemPolicyRequest>(
      [this](const auto& r) -> Answer<efs_api::PutFileSystemPolicyResponse> {
        auto found = file_system(r.file_system_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->policy = r.policy;
        save(**found);
        return efs_api::PutFileSystemPolicyResponse{r.file_system_id, r.policy};
      });
  table.add<efs_api::DescribeFileSystemPolicyRequest>(
      [this](const auto& r) -> Answer<efs_api::DescribeFileSystemPolicyResponse> {
        auto found = file_system(r.file_system_id);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        if (!(*found)->policy) {
          return util::unexpected(efs_error(
              "PolicyNotFound", "There is no policy associated with the file system.", 404));
        }
        return efs_api::DescribeFileSystemPolicyResponse{r.file_system_id, (*found)->policy};
      });
}

Efs::Answer<std::vector<efs_api::Tag>*> Efs::tags_of(std::string_view id) {
  if (const auto point = access_points_.find(bare_id(id)); point != access_points_.end()) {
    return &point->second.tags;
  }
  auto found = file_system(id);
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  return &(*found)->wire.tags;
}

void Efs::add_tag_actions(ActionTable& table) {
  const auto saved = [this](std::string_view id, const std::vector<efs_api::Tag>& tags) {
    if (const auto point = access_points_.find(bare_id(id)); point != access_points_.end()) {
      point->second.name = name_in(tags);
      save(point->second);
    } else if (const auto system = file_systems_.find(bare_id(id)); system != file_systems_.end()) {
      system->second.wire.name = name_in(tags);
      save(system->second);
    }
  };
  table.add<efs_api::TagResourceRequest>(
      [this, saved](const auto& r) -> Answer<efs_api::TagResourceResponse> {
        auto tags = tags_of(r.resource_id);
        if (!tags) {
          return util::unexpected(std::move(tags.error()));
        }
        for (const efs_api::Tag& tag : r.tags) {
          std::erase_if(**tags, [&](const efs_api::Tag& t) { return t.key == tag.key; });
          (*tags)->push_back(tag);
        }
        saved(r.resource_id, **tags);
        return efs_api::TagResourceResponse{};
      });
  table.add<efs_api::UntagResourceRequest>(
      [this, saved](const auto& r) -> Answer<efs_api::UntagResourceResponse> {
        auto tags = tags_of(r.resource_id);
        if (!tags) {
          return util::unexpected(std::move(tags.error()));
        }
        std::erase_if(**tags, [&](const efs_api::Tag& t) {
          return std::find(r.tag_keys.begin(), r.tag_keys.end(), t.key) != r.tag_keys.end();
        });
        saved(r.resource_id, **tags);
        return efs_api::UntagResourceResponse{};
      });
  table.add<efs_api::ListTagsForResourceRequest>(
      [this](const auto& r) -> Answer<efs_api::ListTagsForResourceResponse> {
        auto tags = tags_of(r.resource_id);
        if (!tags) {
          return util::unexpected(std::move(tags.error()));
        }
        return efs_api::ListTagsForResourceResponse{**tags, {}};
      });
}

}  // namespace local
