#include <chrono>

#include "awsapi/efs.hpp"
#include "awsapi/validate.hpp"
#include "doc/json_writer.hpp"
#include "local/providers/api_call.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace efs_api = awsapi::efs;
using namespace std::chrono_literals;

constexpr auto kMountsLimit = 60s;  // how long mount targets may still be there

// Without the tags, which clients may not begin with "aws:" and CloudFormation does.
util::Result<doc::Node, ApiError> create_tagged(const Providing& p,
                                                const awsapi::Operation& operation,
                                                doc::Node input,
                                                doc::Node tags) {
  if (const auto problem = awsapi::validate(operation, input)) {
    return util::unexpected(ApiError{problem->code, problem->message, problem->http_status});
  }
  input.as_mapping()->set("Tags", std::move(tags));
  const ActionTable::Handler* handler = p.actions.find(operation);
  return handler != nullptr ? (*handler)(input) : call_api(p, operation, input);
}

Progress retag_efs(const Providing& p, const ResourceRequest& request, std::string_view property) {
  ResourceRequest before = request;
  before.properties = request.previous;
  efs_api::TagResourceRequest tag;
  efs_api::UntagResourceRequest untag;
  tag.resource_id = untag.resource_id = request.physical_id;
  const doc::Node now = tag_list(request, "Key", "Value", property);
  const doc::Node then = tag_list(before, "Key", "Value", property);
  for (const doc::Node& one : then.as_sequence()->items) {
    untag.tag_keys.push_back(text_property(one, "Key"));
  }
  for (const doc::Node& one : now.as_sequence()->items) {
    tag.tags.push_back({text_property(one, "Key"), text_property(one, "Value")});
    std::erase(untag.tag_keys, tag.tags.back().key);
  }
  if (auto done = p.actions.call(untag); !done) {
    return handler_failure(request, efs_api::UntagResourceRequest::operation(), done.error());
  }
  if (auto done = p.actions.call(tag); !done) {
    return handler_failure(request, efs_api::TagResourceRequest::operation(), done.error());
  }
  return {};
}

// The properties that have operations of their own.
Progress put_policies(const Providing& p, const ResourceRequest& request, const std::string& id) {
  const auto put = [&](const awsapi::Operation& operation,
                       std::string_view property,
                       std::string_view member) -> std::optional<Progress> {
    const doc::Node* value = request.properties.find(property);
    const doc::Node* before = request.previous.find(property);
    if (value == nullptr || (before != nullptr && doc::equivalent(*value, *before))) {
      return std::nullopt;
    }
    doc::Node input = doc::map(
        {{"FileSystemId", doc::Node{id}},
         {member, property == "FileSystemPolicy" ? doc::Node{doc::to_json(*value)} : *value}});
    auto done = call_api(p, operation, input);
    return done ? std::nullopt : std::optional(handler_failure(request, operation, done.error()));
  };
  for (auto failure :
       {put(efs_api::PutLifecycleConfigurationRequest::operation(),
            "LifecyclePolicies",
            "LifecyclePolicies"),
        put(efs_api::PutBackupPolicyRequest::operation(), "BackupPolicy", "BackupPolicy"),
        put(efs_api::PutFileSystemPolicyRequest::operation(), "FileSystemPolicy", "Policy")}) {
    if (failure) {
      return std::move(*failure);
    }
  }
  return {};
}

Progress create_file_system(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = efs_api::CreateFileSystemRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  input.as_mapping()->set("CreationToken", doc::Node{request.token});
  input.as_mapping()->erase("BackupPolicy");
  auto response = create_tagged(
      p, operation, std::move(input), tag_list(request, "Key", "Value", "FileSystemTags"));
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  const std::string id = text_at(*response, {"FileSystemId"});
  Progress out = put_policies(p, request, id);
  out.physical_id = id;
  out.attributes =
      attributes({{"Arn", text_at(*response, {"FileSystemArn"})}, {"FileSystemId", id}});
  return out;
}

Progress update_file_system(const Providing& p, const ResourceRequest& request) {
  if (Progress tagged = retag_efs(p, request, "FileSystemTags");
      tagged.state == Progress::State::failed) {
    return tagged;
  }
  const awsapi::Operation& operation = efs_api::UpdateFileSystemRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  input.as_mapping()->set("FileSystemId", doc::Node{request.physical_id});
  if (auto response = call_api(p, operation, input); !response) {
    return handler_failure(request, operation, response.error());
  }
  return put_policies(p, request, request.physical_id);
}

Progress remove_file_system(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = efs_api::DeleteFileSystemRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"FileSystemId", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "FileSystemNotFound") {
    return {};
  }
  if (response.error().code == "FileSystemInUse" &&
      p.context.now() - request.started < kMountsLimit) {
    Progress out;
    out.state = Progress::State::pending;
    return out;
  }
  return handler_failure(request, operation, response.error());
}

Progress create_access_point(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = efs_api::CreateAccessPointRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  if (input.find("ClientToken") == nullptr) {
    input.as_mapping()->set("ClientToken", doc::Node{request.token});
  }
  auto response = create_tagged(
      p, operation, std::move(input), tag_list(request, "Key", "Value", "AccessPointTags"));
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"AccessPointId"});
  out.attributes = attributes(
      {{"AccessPointId", out.physical_id}, {"Arn", text_at(*response, {"AccessPointArn"})}});
  return out;
}

Progress update_access_point(const Providing& p, const ResourceRequest& request) {
  return retag_efs(p, request, "AccessPointTags");
}

Progress remove_access_point(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = efs_api::DeleteAccessPointRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"AccessPointId", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "AccessPointNotFound") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

Progress create_mount_target(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = efs_api::CreateMountTargetRequest::operation();
  auto response = call_api(p, operation, to_request(request.properties, *operation.input));
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"MountTargetId"});
  out.attributes =
      attributes({{"Id", out.physical_id}, {"IpAddress", text_at(*response, {"IpAddress"})}});
  return out;
}

Progress update_mount_target(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = efs_api::ModifyMountTargetSecurityGroupsRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  input.as_mapping()->set("MountTargetId", doc::Node{request.physical_id});
  auto response = call_api(p, operation, input);
  return response ? Progress{} : handler_failure(request, operation, response.error());
}

Progress remove_mount_target(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = efs_api::DeleteMountTargetRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"MountTargetId", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "MountTargetNotFound") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

constexpr Provider kFileSystemProviders[] = {
    {.type = "AWS::EFS::FileSystem",
     .create = create_file_system,
     .update = update_file_system,
     .remove = remove_file_system,
     .removed = remove_file_system},
    {.type = "AWS::EFS::AccessPoint",
     .create = create_access_point,
     .update = update_access_point,
     .remove = remove_access_point},
    {.type = "AWS::EFS::MountTarget",
     .create = create_mount_target,
     .update = update_mount_target,
     .remove = remove_mount_target},
};

}  // namespace

std::span<const Provider> file_system_providers() {
  return kFileSystemProviders;
}

}  // namespace local
