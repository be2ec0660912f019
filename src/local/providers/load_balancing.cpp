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
  return created_balancer(p, made);
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

Progress set_group_attributes(const Providing& p, const ResourceRequest& request) {
  const doc::Node* wanted = request.properties.find("TargetGroupAttributes");
  if (wanted == nullptr) {
    return {};
  }
  const awsapi::Operation& operation = elb::ModifyTargetGroupAttributesRequest::operation();
  doc::Node input = to_request(doc::map({{"Attributes", *wanted}}), *operation.input);
  input.as_mapping()->set("TargetGroupArn", doc::Node{request.physical_id});
  auto response = call_api(p, operation, input);
  return response ? Progress{} : handler_failure(request, operation, response.error());
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
  Progress out;
  out.physical_id = text_at(*response, {"Listeners", "0", "ListenerArn"});
  out.attributes = attributes({{"ListenerArn", out.physical_id}});
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

constexpr Provider kLoadBalancing[] = {
    {.type = "AWS::ElasticLoadBalancingV2::LoadBalancer",
     .create = create_balancer,
     .remove = remove_balancer,
     .created = created_balancer},
    {.type = "AWS::ElasticLoadBalancingV2::TargetGroup",
     .create = create_target_group,
     .update = set_group_attributes,
     .remove = remove_target_group,
     .removed = remove_target_group},
    {.type = "AWS::ElasticLoadBalancingV2::Listener",
     .create = create_listener,
     .remove = remove_listener},
};

}  // namespace

std::span<const Provider> load_balancing_providers() {
  return kLoadBalancing;
}

}  // namespace local
