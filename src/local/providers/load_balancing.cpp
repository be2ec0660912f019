#include <algorithm>
#include <array>
#include <chrono>

#include "awsapi/elbv2.hpp"
#include "local/providers/api_call.hpp"

namespace local {
namespace {

namespace elb = awsapi::elbv2;
using namespace std::chrono_literals;

constexpr std::size_t kNameLimit = 32;
constexpr auto kInUseLimit = 60s;

// The part of an ARN that CloudWatch and CloudFormation call the full name:
// "net/app/50dc6c495c0c9188".
std::string full_name(const std::string& arn, std::string_view kind) {
  const std::size_t at = arn.find(kind);
  return at == std::string::npos ? "" : arn.substr(at + (kind == "targetgroup/" ? 0 : kind.size()));
}

Progress created_balancer(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::DescribeLoadBalancersRequest::operation();
  auto response = call_api(
      p, operation, doc::map({{"LoadBalancerArns", doc::list({doc::Node{request.physical_id}})}}));
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  const doc::Node* found = node_at(*response, {"LoadBalancers", "0"});
  const std::string state = found != nullptr ? text_at(*found, {"State", "Code"}) : "failed";
  if (state == "failed") {
    return handler_failure(
        request,
        found != nullptr ? text_at(*found, {"State", "Reason"}) : "the load balancer is gone",
        "NotStabilized");
  }
  Progress out;
  out.physical_id = request.physical_id;
  if (state == "provisioning") {
    out.state = Progress::State::pending;
    return out;
  }
  out.attributes =
      attributes({{"LoadBalancerArn", request.physical_id},
                  {"DNSName", text_at(*found, {"DNSName"})},
                  {"CanonicalHostedZoneID", text_at(*found, {"CanonicalHostedZoneId"})},
                  {"LoadBalancerName", text_at(*found, {"LoadBalancerName"})},
                  {"LoadBalancerFullName", full_name(request.physical_id, "loadbalancer/")}});
  if (const doc::Node* groups = found->find("SecurityGroups")) {
    out.attributes.set("SecurityGroups", *groups);
  }
  return out;
}

// The attributes that the template names; `arn_member` says whose they are.
Progress set_attributes(const Providing& p,
                        const ResourceRequest& request,
                        const awsapi::Operation& operation,
                        std::string_view property,
                        std::string_view arn_member) {
  const doc::Node* wanted = request.properties.find(property);
  const doc::Sequence* list = wanted != nullptr ? wanted->as_sequence() : nullptr;
  if (list == nullptr || list->items.empty()) {
    return {};
  }
  doc::Node input = to_request(doc::map({{"Attributes", *wanted}}), *operation.input);
  input.as_mapping()->set(arn_member, doc::Node{request.physical_id});
  auto response = call_api(p, operation, input);
  return response ? Progress{} : handler_failure(request, operation, response.error());
}

Progress set_balancer_attributes(const Providing& p, const ResourceRequest& request) {
  return set_attributes(p,
                        request,
                        elb::ModifyLoadBalancerAttributesRequest::operation(),
                        "LoadBalancerAttributes",
                        "LoadBalancerArn");
}

Progress set_group_attributes(const Providing& p, const ResourceRequest& request) {
  return set_attributes(p,
                        request,
                        elb::ModifyTargetGroupAttributesRequest::operation(),
                        "TargetGroupAttributes",
                        "TargetGroupArn");
}

Progress set_listener_attributes(const Providing& p, const ResourceRequest& request) {
  return set_attributes(p,
                        request,
                        elb::ModifyListenerAttributesRequest::operation(),
                        "ListenerAttributes",
                        "ListenerArn");
}

// Calls a modifying operation with the properties that it knows and the resource's ARN.
Progress modify(const Providing& p,
                const ResourceRequest& request,
                const awsapi::Operation& operation,
                std::string_view arn_member) {
  doc::Node input = to_request(request.properties, *operation.input);
  input.as_mapping()->set(arn_member, doc::Node{request.physical_id});
  auto response = call_api(p, operation, input);
  return response ? Progress{} : handler_failure(request, operation, response.error());
}

bool differs(const ResourceRequest& request, std::string_view property) {
  const doc::Node* before = request.previous.find(property);
  const doc::Node* after = request.properties.find(property);
  return (before == nullptr) != (after == nullptr) ||
         (before != nullptr && after != nullptr && !doc::equivalent(*before, *after));
}

Progress create_balancer(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::CreateLoadBalancerRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  if (input.find("Name") == nullptr) {
    input.as_mapping()->set("Name", doc::Node{physical_name(p, request, kNameLimit)});
  }
  input.as_mapping()->set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  ResourceRequest made = request;
  made.physical_id = text_at(*response, {"LoadBalancers", "0", "LoadBalancerArn"});
  if (Progress set = set_balancer_attributes(p, made); set.state == Progress::State::failed) {
    set.physical_id = made.physical_id;
    return set;
  }
  return created_balancer(p, made);
}

Progress update_balancer(const Providing& p, const ResourceRequest& request) {
  const std::pair<std::string_view, const awsapi::Operation& (*)()> setters[] = {
      {"SecurityGroups", elb::SetSecurityGroupsRequest::operation},
      {"Subnets", elb::SetSubnetsRequest::operation}};
  for (const auto& [property, operation] : setters) {
    if (differs(request, property) && request.properties.find(property) != nullptr) {
      Progress set = modify(p, request, operation(), "LoadBalancerArn");
      if (set.state == Progress::State::failed) {
        return set;
      }
    }
  }
  return set_balancer_attributes(p, request);
}

Progress remove_balancer(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::DeleteLoadBalancerRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"LoadBalancerArn", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "LoadBalancerNotFound") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

Progress create_target_group(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::CreateTargetGroupRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  if (input.find("Name") == nullptr) {
    input.as_mapping()->set("Name", doc::Node{physical_name(p, request, kNameLimit)});
  }
  input.as_mapping()->set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  ResourceRequest made = request;
  made.physical_id = text_at(*response, {"TargetGroups", "0", "TargetGroupArn"});
  Progress out = set_group_attributes(p, made);
  out.physical_id = made.physical_id;
  out.attributes =
      attributes({{"TargetGroupArn", made.physical_id},
                  {"TargetGroupName", text_at(*response, {"TargetGroups", "0", "TargetGroupName"})},
                  {"TargetGroupFullName", full_name(made.physical_id, "targetgroup/")}});
  out.attributes.set("LoadBalancerArns", doc::list({}));
  return out;
}

Progress update_target_group(const Providing& p, const ResourceRequest& request) {
  Progress changed =
      modify(p, request, elb::ModifyTargetGroupRequest::operation(), "TargetGroupArn");
  return changed.state == Progress::State::failed ? changed : set_group_attributes(p, request);
}

// A group may be in use until the listener or service that used it is gone.
Progress remove_target_group(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::DeleteTargetGroupRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"TargetGroupArn", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "TargetGroupNotFound") {
    return {};
  }
  if (response.error().code == "ResourceInUse" && p.context.now() - request.started < kInUseLimit) {
    Progress out;
    out.state = Progress::State::pending;
    return out;
  }
  return handler_failure(request, operation, response.error());
}

Progress create_listener(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::CreateListenerRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  input.as_mapping()->set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  ResourceRequest made = request;
  made.physical_id = text_at(*response, {"Listeners", "0", "ListenerArn"});
  Progress out = set_listener_attributes(p, made);
  out.physical_id = made.physical_id;
  out.attributes = attributes({{"ListenerArn", made.physical_id}});
  return out;
}

Progress remove_listener(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::DeleteListenerRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"ListenerArn", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "ListenerNotFound") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

Progress update_listener(const Providing& p, const ResourceRequest& request) {
  Progress changed = modify(p, request, elb::ModifyListenerRequest::operation(), "ListenerArn");
  return changed.state == Progress::State::failed ? changed : set_listener_attributes(p, request);
}

// Not the default ones; those are the listener's own.
Progress change_listener_certificates(const Providing& p,
                                      const ResourceRequest& request,
                                      const awsapi::Operation& operation,
                                      const doc::Node& certificates) {
  auto response = call_api(
      p,
      operation,
      to_request(
          doc::map({{"ListenerArn", doc::Node{text_property(request.properties, "ListenerArn")}},
                    {"Certificates", certificates}}),
          *operation.input));
  const bool gone = !response && response.error().code == "ListenerNotFound" &&
                    &operation == &elb::RemoveListenerCertificatesRequest::operation();
  return response || gone ? Progress{} : handler_failure(request, operation, response.error());
}

Progress create_listener_certificates(const Providing& p, const ResourceRequest& request) {
  const doc::Node* certificates = request.properties.find("Certificates");
  Progress out =
      change_listener_certificates(p,
                                   request,
                                   elb::AddListenerCertificatesRequest::operation(),
                                   certificates != nullptr ? *certificates : doc::list({}));
  out.physical_id = text_property(request.properties, "ListenerArn") + "|" + request.logical_id;
  out.attributes = attributes({{"Id", out.physical_id}});
  return out;
}

Progress remove_listener_certificates(const Providing& p, const ResourceRequest& request) {
  const doc::Node* certificates = request.properties.find("Certificates");
  return change_listener_certificates(p,
                                      request,
                                      elb::RemoveListenerCertificatesRequest::operation(),
                                      certificates != nullptr ? *certificates : doc::list({}));
}

// Those that stay are added before the others go, so that no handshake misses one.
Progress update_listener_certificates(const Providing& p, const ResourceRequest& request) {
  Progress added = create_listener_certificates(p, request);
  if (added.state == Progress::State::failed) {
    return added;
  }
  const doc::Node* before = request.previous.find("Certificates");
  const doc::Node* after = request.properties.find("Certificates");
  std::vector<doc::Node> gone;
  if (before != nullptr && before->as_sequence() != nullptr) {
    for (const doc::Node& old : before->as_sequence()->items) {
      const auto& kept = after->as_sequence()->items;
      if (std::ranges::none_of(kept,
                               [&](const doc::Node& one) { return doc::equivalent(one, old); })) {
        gone.push_back(old);
      }
    }
  }
  return gone.empty()
             ? Progress{}
             : change_listener_certificates(p,
                                            request,
                                            elb::RemoveListenerCertificatesRequest::operation(),
                                            doc::list(std::move(gone)));
}

Progress create_listener_rule(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::CreateRuleRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  input.as_mapping()->set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"Rules", "0", "RuleArn"});
  out.attributes = attributes({{"RuleArn", out.physical_id}, {"IsDefault", "false"}});
  return out;
}

Progress update_listener_rule(const Providing& p, const ResourceRequest& request) {
  if (differs(request, "Priority")) {
    const awsapi::Operation& operation = elb::SetRulePrioritiesRequest::operation();
    doc::Node entry =
        doc::map({{"RuleArn", doc::Node{request.physical_id}},
                  {"Priority", doc::Node{text_property(request.properties, "Priority")}}});
    auto response =
        call_api(p,
                 operation,
                 to_request(doc::map({{"RulePriorities", doc::list({std::move(entry)})}}),
                            *operation.input));
    if (!response) {
      return handler_failure(request, operation, response.error());
    }
  }
  ResourceRequest wanted = request;
  if (request.properties.find("Transforms") == nullptr) {
    wanted.properties.as_mapping()->set("ResetTransforms", doc::Node{true});
  }
  return modify(p, wanted, elb::ModifyRuleRequest::operation(), "RuleArn");
}

Progress remove_listener_rule(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = elb::DeleteRuleRequest::operation();
  auto response = call_api(p, operation, doc::map({{"RuleArn", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "RuleNotFound") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

constexpr Provider kLoadBalancing[] = {
    {.type = "AWS::ElasticLoadBalancingV2::LoadBalancer",
     .create = create_balancer,
     .update = update_balancer,
     .remove = remove_balancer,
     .created = created_balancer,
     .attributes_move = true},
    {.type = "AWS::ElasticLoadBalancingV2::TargetGroup",
     .create = create_target_group,
     .update = update_target_group,
     .remove = remove_target_group,
     .removed = remove_target_group},
    {.type = "AWS::ElasticLoadBalancingV2::Listener",
     .create = create_listener,
     .update = update_listener,
     .remove = remove_listener},
    {.type = "AWS::ElasticLoadBalancingV2::ListenerCertificate",
     .create = create_listener_certificates,
     .update = update_listener_certificates,
     .remove = remove_listener_certificates},
    {.type = "AWS::ElasticLoadBalancingV2::ListenerRule",
     .create = create_listener_rule,
     .update = update_listener_rule,
     .remove = remove_listener_rule},
};

}  // namespace

std::span<const Provider> load_balancing_providers() {
  return kLoadBalancing;
}

}  // namespace local
