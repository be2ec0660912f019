#include "local/providers/api_call.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

Progress iam_failure(const ResourceRequest& request, const ApiError& error) {
  return handler_failure(request,
                         error.message +
                             " (Service: Iam, Status Code: " + std::to_string(error.http_status) +
                             ", Request ID: " + request.token + ")",
                         error.code == "EntityAlreadyExists" ? "AlreadyExists" : "InvalidRequest");
}

Progress no_iam(const ResourceRequest& request) {
  return handler_failure(request, "IAM is not available in this engine", "InternalFailure");
}

std::vector<std::string> texts(const doc::Node& properties, std::string_view name) {
  std::vector<std::string> out;
  const doc::Node* node = properties.find(name);
  const doc::Sequence* list = node != nullptr ? node->as_sequence() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    if (const std::string* text = list->items[i].as_string()) {
      out.push_back(*text);
    }
  }
  return out;
}

RoleDefinition definition(const ResourceRequest& request, const std::string& name) {
  const doc::Node& properties = request.properties;
  RoleDefinition out;
  out.name = name;
  const std::string path = text_property(properties, "Path");
  out.path = path.empty() ? "/" : path;
  out.description = text_property(properties, "Description");
  if (const doc::Node* policy = properties.find("AssumeRolePolicyDocument")) {
    out.assume_role_policy = *policy;
  }
  out.managed_policy_arns = texts(properties, "ManagedPolicyArns");
  const doc::Node* policies = properties.find("Policies");
  const doc::Sequence* list = policies != nullptr ? policies->as_sequence() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const doc::Node* document = list->items[i].find("PolicyDocument");
    out.inline_policies.emplace_back(text_property(list->items[i], "PolicyName"),
                                     document != nullptr ? *document : doc::Node{});
  }
  const doc::Node tags = tag_list(request, "Key", "Value");
  for (const doc::Node& tag : tags.as_sequence()->items) {
    out.tags.emplace_back(text_property(tag, "Key"), text_property(tag, "Value"));
  }
  return out;
}

Progress role_done(const std::string& name, const RoleIdentity& identity) {
  Progress out;
  out.physical_id = name;
  out.attributes = attributes({{"Arn", identity.arn}, {"RoleId", identity.id}});
  return out;
}

Progress create_role(const Providing& p, const ResourceRequest& request) {
  if (p.roles == nullptr) {
    return no_iam(request);
  }
  std::string name = text_property(request.properties, "RoleName");
  if (name.empty()) {
    name = physical_name(p, request, 64);
  }
  auto made = p.roles->create_role(definition(request, name));
  return made ? role_done(name, *made) : iam_failure(request, made.error());
}

Progress update_role(const Providing& p, const ResourceRequest& request) {
  if (p.roles == nullptr) {
    return no_iam(request);
  }
  auto changed = p.roles->update_role(definition(request, request.physical_id));
  return changed ? role_done(request.physical_id, *changed) : iam_failure(request, changed.error());
}

Progress remove_role(const Providing& p, const ResourceRequest& request) {
  if (p.roles != nullptr) {
    p.roles->remove_role(request.physical_id);
  }
  return {};
}

// Policies of their own are attached to the roles they name as inline policies under their name.
Progress put_policy(const Providing& p, const ResourceRequest& request, const std::string& name) {
  if (p.roles == nullptr) {
    return no_iam(request);
  }
  const doc::Node* document = request.properties.find("PolicyDocument");
  for (const std::string& role : texts(request.properties, "Roles")) {
    auto put = p.roles->put_role_policy(role, name, document != nullptr ? *document : doc::Node{});
    if (!put) {
      return iam_failure(request, put.error());
    }
  }
  return {};
}

Progress create_policy(const Providing& p, const ResourceRequest& request) {
  const std::string name = text_property(request.properties, "PolicyName");
  Progress out = put_policy(p, request, name);
  out.physical_id = request.stack_name + "-" + request.logical_id + "-" + p.context.ids.alnum(12);
  out.attributes = attributes({{"Id", out.physical_id}});
  return out;
}

Progress update_policy(const Providing& p, const ResourceRequest& request) {
  const std::string before = text_property(request.previous, "PolicyName");
  for (const std::string& role : texts(request.previous, "Roles")) {
    if (p.roles != nullptr) {
      p.roles->remove_role_policy(role, before);
    }
  }
  return put_policy(p, request, text_property(request.properties, "PolicyName"));
}

Progress remove_policy(const Providing& p, const ResourceRequest& request) {
  for (const std::string& role : texts(request.properties, "Roles")) {
    if (p.roles != nullptr) {
      p.roles->remove_role_policy(role, text_property(request.properties, "PolicyName"));
    }
  }
  return {};
}

std::string policy_name_of(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

Progress create_managed_policy(const Providing& p, const ResourceRequest& request) {
  std::string name = text_property(request.properties, "ManagedPolicyName");
  if (name.empty()) {
    name = physical_name(p, request, 128);
  }
  Progress out = put_policy(p, request, name);
  const std::string path = text_property(request.properties, "Path");
  out.physical_id =
      "arn:aws:iam::" + p.context.account + ":policy" + (path.empty() ? "/" : path) + name;
  out.attributes =
      attributes({{"PolicyArn", out.physical_id}, {"PolicyId", "ANPA" + p.context.ids.alnum(17)}});
  return out;
}

Progress update_managed_policy(const Providing& p, const ResourceRequest& request) {
  return put_policy(p, request, policy_name_of(request.physical_id));
}

Progress remove_managed_policy(const Providing& p, const ResourceRequest& request) {
  for (const std::string& role : texts(request.properties, "Roles")) {
    if (p.roles != nullptr) {
      p.roles->remove_role_policy(role, policy_name_of(request.physical_id));
    }
  }
  return {};
}

constexpr Provider kIam[] = {
    {.type = "AWS::IAM::Role", .create = create_role, .update = update_role, .remove = remove_role},
    {.type = "AWS::IAM::Policy",
     .create = create_policy,
     .update = update_policy,
     .remove = remove_policy},
    {.type = "AWS::IAM::ManagedPolicy",
     .create = create_managed_policy,
     .update = update_managed_policy,
     .remove = remove_managed_policy},
};

}  // namespace

std::span<const Provider> iam_providers() {
  return kIam;
}

}  // namespace local
