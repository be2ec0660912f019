#include "local/actions/ec2.hpp"

#include <algorithm>

#include "local/actions/ec2_filters.hpp"
#include "local/store.hpp"

namespace local {

namespace {

namespace api_ec2 = awsapi::ec2;

constexpr std::string_view kGroupKind = "ec2.security-group";
constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789. _-:/()#,@[]+=&;{}!$*";

util::unexpected<ApiError> ec2_error(std::string code, std::string message, int status = 400) {
  return util::unexpected(ApiError{std::move(code), std::move(message), status});
}

// Nothing when the text may be a group's name or description.
std::optional<ApiError> check_group_text(const std::string& text, const std::string& parameter) {
  if (text.empty()) {
    return ApiError{"MissingParameter", "The request must contain the parameter " + parameter, 400};
  }
  if (text.size() > 255) {
    return ApiError{"InvalidParameterValue",
                    "Value (" + text + ") for parameter " + parameter +
                        " is invalid. Character limit exceeded. Maximum length is 255.",
                    400};
  }
  if (text.find_first_not_of(kNameCharacters) != std::string::npos) {
    return ApiError{
        "InvalidParameterValue",
        "Value (" + text + ") for parameter " + parameter +
            " is invalid. Valid descriptions are strings less than 256 characters from the following set:"
            "  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        400};
  }
  return std::nullopt;
}

std::vector<api_ec2::Tag> ec2_tags_for(const std::vector<api_ec2::TagSpecification>& specifications,
                                       std::string_view resource) {
  std::vector<api_ec2::Tag> tags;
  for (const auto& specification : specifications) {
    if (specification.resource_type == resource) {
      tags.insert(tags.end(), specification.tags.begin(), specification.tags.end());
    }
  }
  return tags;
}

// The older, flat form of the request as a permission; empty when the request has neither.
template <class Request>
std::vector<api_ec2::IpPermission> permissions_in(const Request& request) {
  std::vector<api_ec2::IpPermission> permissions = request.ip_permissions;
  if (request.ip_protocol || request.cidr_ip || request.source_security_group_name) {
    api_ec2::IpPermission flat;
    flat.ip_protocol = request.ip_protocol;
    flat.from_port = request.from_port;
    flat.to_port = request.to_port;
    if (request.cidr_ip) {
      flat.ip_ranges.emplace_back().cidr_ip = request.cidr_ip;
    }
    if (request.source_security_group_name) {
      flat.user_id_group_pairs.emplace_back().group_name = request.source_security_group_name;
    }
    permissions.push_back(std::move(flat));
  }
  return permissions;
}

util::unexpected<ApiError> ec2_dry_run() {
  return ec2_error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}

}  // namespace

void Ec2::add_actions(ActionTable& actions) {
  add_describe_actions(actions);
  add_network_actions(actions);
  actions.add<api_ec2::CreateSecurityGroupRequest>(
      [this](const auto& request) { return create(request); });
  actions.add<api_ec2::DeleteSecurityGroupRequest>(
      [this](const auto& request) { return remove(request); });
  actions.add<api_ec2::AuthorizeSecurityGroupIngressRequest>(
      [this](const auto& request) { return authorize(request); });
  actions.add<api_ec2::RevokeSecurityGroupIngressRequest>(
      [this](const auto& request) { return revoke(request); });
}

Ec2::Group& Ec2::new_group(const std::string& name,
                           const std::string& description,
                           const std::string& vpc) {
  const std::string id = "sg-" + context_.ids.hex(17);
  Group& group = groups_[id];
  group.described.group_id = id;
  group.described.group_name = name;
  group.described.description = description;
  group.described.vpc_id = vpc;
  group.described.owner_id = context_.account;
  group.described.security_group_arn = context_.arn("ec2", "security-group/" + id);
  ec2::Rule everything;
  everything.security_group_rule_id = "sgr-" + context_.ids.hex(17);
  everything.group_id = id;
  everything.group_owner_id = context_.account;
  everything.is_egress = true;
  everything.ip_protocol = "-1";
  everything.from_port = -1;
  everything.to_port = -1;
  everything.cidr_ipv4 = "0.0.0.0/0";
  group.rules.push_back(std::move(everything));
  return group;
}

void Ec2::save(const Group& group) {
  std::vector<doc::Node> rules;
  for (const ec2::Rule& rule : group.rules) {
    rules.push_back(rule.to_node(awsapi::EmptyLists::omit));
  }
  context_.store.put(kGroupKind,
                     *group.described.group_id,
                     doc::map({{"group", group.described.to_node(awsapi::EmptyLists::omit)},
                               {"rules", doc::list(std::move(rules))}}));
}

api_ec2::SecurityGroup Ec2::shown(const Group& group) const {
  api_ec2::SecurityGroup shown = group.described;
  std::vector<ec2::Rule> in;
  std::vector<ec2::Rule> out;
  for (const ec2::Rule& rule : group.rules) {
    (rule.is_egress.value_or(false) ? out : in).push_back(rule);
  }
  shown.ip_permissions = ec2::permissions_of(in, context_.account);
  shown.ip_permissions_egress = ec2::permissions_of(out, context_.account);
  return shown;
}

Ec2::Answer<Ec2::Group*> Ec2::find_group(const std::optional<std::string>& id,
                                         const std::optional<std::string>& name) {
  if (!id && !name) {
    return ec2_error("MissingParameter",
                     "The request must contain the parameter GroupName or GroupId");
  }
  if (id) {
    if (!id->starts_with("sg-")) {
      return ec2_error("InvalidGroupId.Malformed",
                       "Invalid id: \"" + *id + "\" (expecting \"sg-...\")");
    }
    const auto at = groups_.find(*id);
    if (at != groups_.end()) {
      return &at->second;
    }
    return util::unexpected(ec2::not_found("InvalidGroup.NotFound", "security group", *id));
  }
  for (auto& [group_id, group] : groups_) {
    if (group.described.group_name == name) {
      return &group;
    }
  }
  return ec2_error("InvalidGroup.NotFound",
                   "The security group '" + *name + "' does not exist in default VPC '" +
                       vpc_.vpc_id.value_or("") + "'");
}

Ec2::Answer<api_ec2::CreateSecurityGroupResponse> Ec2::create(
    const api_ec2::CreateSecurityGroupRequest& request) {
  for (auto problem : {check_group_text(request.group_name, "GroupName"),
                       check_group_text(request.description, "GroupDescription")}) {
    if (problem) {
      return util::unexpected(std::move(*problem));
    }
  }
  if (request.group_name.starts_with("sg-")) {
    return ec2_error("InvalidParameterValue",
                     "Value (" + request.group_name +
                         ") for parameter GroupName is invalid. Group names may not be in the "
                         "format sg-*.");
  }
  if (request.group_name == "default") {
    return ec2_error("InvalidParameterValue", "Cannot use reserved security group name: default");
  }
  const std::string vpc = request.vpc_id.value_or(*vpc_.vpc_id);
  if (vpc != vpc_.vpc_id) {
    return util::unexpected(ec2::not_found("InvalidVpcID.NotFound", "vpc ID", vpc));
  }
  for (const auto& [id, group] : groups_) {
    if (group.described.group_name == request.group_name && group.described.vpc_id == vpc) {
      return ec2_error(
          "InvalidGroup.Duplicate",
          "The security group '" + request.group_name + "' already exists for VPC '" + vpc + "'");
    }
  }
  if (request.dry_run.value_or(false)) {
    return ec2_dry_run();
  }
  Group& group = new_group(request.group_name, request.description, vpc);
  group.described.tags = ec2_tags_for(request.tag_specifications, "security-group");
  save(group);
  return api_ec2::CreateSecurityGroupResponse{
      group.described.group_id, group.described.tags, group.described.security_group_arn};
}

bool Ec2::is_used(const Group& group) const {
  const auto& id = group.described.group_id;
  for (const auto& [other_id, other] : groups_) {
    for (const ec2::Rule& rule : other.rules) {
      if (other_id != id && rule.referenced_group_info &&
          rule.referenced_group_info->group_id == id) {
        return true;
      }
    }
  }
  for (const auto& interface : all_interfaces()) {
    for (const auto& used : interface.groups) {
      if (used.group_id == id) {
        return true;
      }
    }
  }
  return false;
}

Ec2::Answer<api_ec2::DeleteSecurityGroupResponse> Ec2::remove(
    const api_ec2::DeleteSecurityGroupRequest& request) {
  const auto group = find_group(request.group_id, request.group_name);
  if (!group) {
    return util::unexpected(group.error());
  }
  const std::string id = *(*group)->described.group_id;
  if ((*group)->described.group_name == "default") {
    return ec2_error(
        "CannotDelete",
        "the specified group: \"" + id + "\" name: \"default\" cannot be deleted by a user");
  }
  if (is_used(**group)) {
    return ec2_error("DependencyViolation", "resource " + id + " has a dependent object");
  }
  if (request.dry_run.value_or(false)) {
    return ec2_dry_run();
  }
  groups_.erase(id);
  context_.store.remove(kGroupKind, id);
  return api_ec2::DeleteSecurityGroupResponse{true, id};
}

Ec2::Answer<std::vector<ec2::Rule>> Ec2::resolve_rules(
    const Group& group,
    std::vector<api_ec2::IpPermission> permissions,
    bool egress) {
  std::vector<ec2::Rule> rules;
  for (api_ec2::IpPermission& permission : permissions) {
    for (auto& pair : permission.user_id_group_pairs) {
      const auto peer = find_group(pair.group_id, pair.group_name);
      if (!peer) {
        return util::unexpected(peer.error());
      }
      pair.group_id = (*peer)->described.group_id;
      pair.user_id = context_.account;
    }
    auto parsed = ec2::rules_of(permission);
    if (!parsed) {
      return util::unexpected(parsed.error());
    }
    for (ec2::Rule& rule : *parsed) {
      rule.group_id = group.described.group_id;
      rule.group_owner_id = context_.account;
      rule.is_egress = egress;
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

Ec2::Answer<api_ec2::AuthorizeSecurityGroupIngressResponse> Ec2::authorize(
    const api_ec2::AuthorizeSecurityGroupIngressRequest& request) {
  const auto group = find_group(request.group_id, request.group_name);
  if (!group) {
    return util::unexpected(group.error());
  }
  auto rules = resolve_rules(**group, permissions_in(request), false);
  if (!rules) {
    return util::unexpected(rules.error());
  }
  if (rules->empty()) {
    return ec2_error("MissingParameter", "The request must contain the parameter ipPermissions");
  }
  for (auto rule = rules->begin(); rule != rules->end(); ++rule) {
    const auto is_same = [&](const ec2::Rule& other) { return ec2::same_traffic(*rule, other); };
    if (std::any_of(rules->begin(), rule, is_same)) {
      return ec2_error("InvalidParameterValue",
                       "The same permission must not appear multiple times");
    }
    if (std::any_of((*group)->rules.begin(), (*group)->rules.end(), is_same)) {
      return ec2_error("InvalidPermission.Duplicate",
                       "the specified rule \"" + ec2::describe(*rule) + "\" already exists");
    }
  }
  if (request.dry_run.value_or(false)) {
    return ec2_dry_run();
  }
  for (ec2::Rule& rule : *rules) {
    rule.security_group_rule_id = "sgr-" + context_.ids.hex(17);
    rule.security_group_rule_arn =
        context_.arn("ec2", "security-group-rule/" + *rule.security_group_rule_id);
    rule.tags = ec2_tags_for(request.tag_specifications, "security-group-rule");
    (*group)->rules.push_back(rule);
  }
  save(**group);
  return api_ec2::AuthorizeSecurityGroupIngressResponse{true, std::move(*rules)};
}

Ec2::Answer<api_ec2::RevokeSecurityGroupIngressResponse> Ec2::revoke(
    const api_ec2::RevokeSecurityGroupIngressRequest& request) {
  const auto group = find_group(request.group_id, request.group_name);
  if (!group) {
    return util::unexpected(group.error());
  }
  const auto wanted = resolve_rules(**group, permissions_in(request), false);
  if (!wanted) {
    return util::unexpected(wanted.error());
  }
  if (wanted->empty() && request.security_group_rule_ids.empty()) {
    return ec2_error("MissingParameter",
                     "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.");
  }
  std::vector<ec2::Rule> remaining = (*group)->rules;
  api_ec2::RevokeSecurityGroupIngressResponse result;
  const auto take = [&](const auto& is_it) {
    const auto at = std::find_if(remaining.begin(), remaining.end(), is_it);
    if (at == remaining.end()) {
      return false;
    }
    api_ec2::RevokedSecurityGroupRule revoked;
    revoked.security_group_rule_id = at->security_group_rule_id;
    revoked.group_id = at->group_id;
    revoked.is_egress = at->is_egress;
    revoked.ip_protocol = at->ip_protocol;
    revoked.from_port = at->from_port;
    revoked.to_port = at->to_port;
    revoked.cidr_ipv4 = at->cidr_ipv4;
    revoked.cidr_ipv6 = at->cidr_ipv6;
    if (at->referenced_group_info) {
      revoked.referenced_group_id = at->referenced_group_info->group_id;
    }
    revoked.description = at->description;
    result.revoked_security_group_rules.push_back(std::move(revoked));
    remaining.erase(at);
    return true;
  };
  for (const std::string& id : request.security_group_rule_ids) {
    if (!take([&](const ec2::Rule& rule) {
          return rule.security_group_rule_id == id && !rule.is_egress.value_or(false);
        })) {
      return util::unexpected(
          ec2::not_found("InvalidSecurityGroupRuleId.NotFound", "security group rule ID", id));
    }
  }
  for (const ec2::Rule& rule : *wanted) {
    if (!take([&](const ec2::Rule& other) { return ec2::same_traffic(rule, other); })) {
      return ec2_error("InvalidPermission.NotFound",
                       "The specified rule does not exist in this security group.");
    }
  }
  if (request.dry_run.value_or(false)) {
    return ec2_dry_run();
  }
  (*group)->rules = std::move(remaining);
  save(**group);
  result.return_ = true;
  return result;
}

util::Result<void, ApiError> Ec2::set_egress(
    const std::string& group_id,
    const std::vector<api_ec2::IpPermission>& permissions) {
  const auto group = find_group(group_id, std::nullopt);
  if (!group) {
    return util::unexpected(group.error());
  }
  auto rules = resolve_rules(**group, permissions, true);
  if (!rules) {
    return util::unexpected(rules.error());
  }
  std::erase_if((*group)->rules,
                [](const ec2::Rule& rule) { return rule.is_egress.value_or(false); });
  for (ec2::Rule& rule : *rules) {
    rule.security_group_rule_id = "sgr-" + context_.ids.hex(17);
    (*group)->rules.push_back(std::move(rule));
  }
  save(**group);
  return {};
}

}  // namespace local
