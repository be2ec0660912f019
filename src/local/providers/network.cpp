#include <array>
#include <chrono>

#include "awsapi/ec2.hpp"
#include "local/providers/api_call.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace ec2_api = awsapi::ec2;
using namespace std::chrono_literals;

constexpr auto kDependencyLimit =
    60s;  // how long a group may still be in use by what is being removed

doc::Node group_tags(const ResourceRequest& request) {
  return doc::list({doc::map({{"ResourceType", doc::Node{"security-group"}},
                              {"Tags", tag_list(request, "Key", "Value")}})});
}

// One rule of CloudFormation (flat) as EC2's IpPermission (nested).
doc::Node permission(const doc::Node& rule) {
  doc::Mapping out;
  out.set("IpProtocol", doc::Node{util::to_lower(text_property(rule, "IpProtocol"))});
  for (const std::string_view port : {"FromPort", "ToPort"}) {
    if (const auto number = util::parse_int(text_property(rule, port))) {
      out.set(port, doc::Node{*number});
    }
  }
  const std::string description = text_property(rule, "Description");
  const auto range = [&](std::string_view list, std::string_view key, const std::string& value) {
    if (value.empty()) {
      return;
    }
    doc::Node item = doc::map({{key, doc::Node{value}}});
    if (!description.empty()) {
      item.as_mapping()->set("Description", doc::Node{description});
    }
    out.set(list, doc::list({std::move(item)}));
  };
  range("IpRanges", "CidrIp", text_property(rule, "CidrIp"));
  range("Ipv6Ranges", "CidrIpv6", text_property(rule, "CidrIpv6"));
  range("PrefixListIds", "PrefixListId", text_property(rule, "SourcePrefixListId"));
  range("UserIdGroupPairs", "GroupId", text_property(rule, "SourceSecurityGroupId"));
  return doc::Node{std::move(out)};
}

doc::Node ingress_rules(const doc::Node& properties) {
  doc::Sequence out;
  const doc::Node* rules = properties.find("SecurityGroupIngress");
  const doc::Sequence* list = rules != nullptr ? rules->as_sequence() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    out.items.push_back(permission(list->items[i]));
  }
  return doc::Node{std::move(out)};
}

util::Result<doc::Node, ApiError> change_ingress(const Providing& p,
                                                 const awsapi::Operation& operation,
                                                 const std::string& group,
                                                 doc::Node rules) {
  if (rules.as_sequence()->items.empty()) {
    return doc::Node{};
  }
  return call_api(
      p, operation, doc::map({{"GroupId", doc::Node{group}}, {"IpPermissions", std::move(rules)}}));
}

Progress create_security_group(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = ec2_api::CreateSecurityGroupRequest::operation();
  std::string name = text_property(request.properties, "GroupName");
  doc::Node input =
      doc::map({{"Description", doc::Node{text_property(request.properties, "GroupDescription")}},
                {"GroupName", doc::Node{name.empty() ? physical_name(p, request, 255) : name}},
                {"TagSpecifications", group_tags(request)}});
  const std::string vpc = text_property(request.properties, "VpcId");
  if (!vpc.empty()) {
    input.as_mapping()->set("VpcId", doc::Node{vpc});
  }
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"GroupId"});
  out.attributes =
      attributes({{"GroupId", out.physical_id}, {"Id", out.physical_id}, {"VpcId", vpc}});
  const awsapi::Operation& authorize = ec2_api::AuthorizeSecurityGroupIngressRequest::operation();
  auto rules = change_ingress(p, authorize, out.physical_id, ingress_rules(request.properties));
  if (!rules) {
    Progress failed = handler_failure(request, authorize, rules.error());
    failed.physical_id = out.physical_id;
    return failed;
  }
  return out;
}

Progress update_security_group(const Providing& p, const ResourceRequest& request) {
  doc::Node before = ingress_rules(request.previous);
  doc::Node after = ingress_rules(request.properties);
  if (doc::equivalent(before, after)) {
    return {};
  }
  const awsapi::Operation& revoke = ec2_api::RevokeSecurityGroupIngressRequest::operation();
  auto revoked = change_ingress(p, revoke, request.physical_id, std::move(before));
  if (!revoked) {
    return handler_failure(request, revoke, revoked.error());
  }
  const awsapi::Operation& authorize = ec2_api::AuthorizeSecurityGroupIngressRequest::operation();
  auto added = change_ingress(p, authorize, request.physical_id, std::move(after));
  return added ? Progress{} : handler_failure(request, authorize, added.error());
}

Progress remove_security_group(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = ec2_api::DeleteSecurityGroupRequest::operation();
  auto response = call_api(p, operation, doc::map({{"GroupId", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "InvalidGroup.NotFound") {
    return {};
  }
  if (response.error().code == "DependencyViolation" &&
      p.context.now() - request.started < kDependencyLimit) {
    Progress out;
    out.state = Progress::State::pending;
    return out;
  }
  return handler_failure(request, operation, response.error());
}

Progress create_rule(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = ec2_api::AuthorizeSecurityGroupIngressRequest::operation();
  auto response =
      call_api(p,
               operation,
               doc::map({{"GroupId", doc::Node{text_property(request.properties, "GroupId")}},
                         {"IpPermissions", doc::list({permission(request.properties)})}}));
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"SecurityGroupRules", "0", "SecurityGroupRuleId"});
  out.attributes = attributes({{"Id", out.physical_id}});
  return out;
}

Progress remove_rule(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = ec2_api::RevokeSecurityGroupIngressRequest::operation();
  auto response =
      call_api(p,
               operation,
               doc::map({{"GroupId", doc::Node{text_property(request.properties, "GroupId")}},
                         {"SecurityGroupRuleIds", doc::list({doc::Node{request.physical_id}})}}));
  if (response || response.error().code.ends_with(".NotFound")) {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

constexpr Provider kNetwork[] = {
    {.type = "AWS::EC2::SecurityGroup",
     .create = create_security_group,
     .update = update_security_group,
     .remove = remove_security_group,
     .removed = remove_security_group},
    {.type = "AWS::EC2::SecurityGroupIngress", .create = create_rule, .remove = remove_rule},
};

}  // namespace

std::span<const Provider> network_providers() {
  return kNetwork;
}

}  // namespace local
