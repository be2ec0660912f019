#include <algorithm>

#include "awsapi/ecs.hpp"
#include "awsapi/elbv2.hpp"
#include "awsapi/servicediscovery.hpp"
#include "local/providers/api_call.hpp"

namespace local {
namespace {

// Types whose properties are turned into a request by name: what the request does not have, would
// be lost.
struct Mechanical {
  std::string_view type;
  const awsapi::Operation& (*operation)();
};

constexpr Mechanical kMechanical[] = {
    {"AWS::ECS::Cluster", awsapi::ecs::CreateClusterRequest::operation},
    {"AWS::ECS::Service", awsapi::ecs::CreateServiceRequest::operation},
    {"AWS::ECS::TaskDefinition", awsapi::ecs::RegisterTaskDefinitionRequest::operation},
    {"AWS::ElasticLoadBalancingV2::Listener", awsapi::elbv2::CreateListenerRequest::operation},
    {"AWS::ElasticLoadBalancingV2::ListenerCertificate",
     awsapi::elbv2::AddListenerCertificatesRequest::operation},
    {"AWS::ElasticLoadBalancingV2::ListenerRule", awsapi::elbv2::CreateRuleRequest::operation},
    {"AWS::ElasticLoadBalancingV2::LoadBalancer",
     awsapi::elbv2::CreateLoadBalancerRequest::operation},
    {"AWS::ElasticLoadBalancingV2::TargetGroup",
     awsapi::elbv2::CreateTargetGroupRequest::operation},
    {"AWS::ServiceDiscovery::PrivateDnsNamespace",
     awsapi::servicediscovery::CreatePrivateDnsNamespaceRequest::operation},
    {"AWS::ServiceDiscovery::Service", awsapi::servicediscovery::CreateServiceRequest::operation},
};

}  // namespace

std::optional<std::string> unsupported_property(std::string_view type,
                                                const std::string& logical_id,
                                                const doc::Node& properties) {
  if (const auto found = unsupported_balancing(type, properties)) {
    return "Properties validation failed for resource " + logical_id + " with message:\n#" + *found;
  }
  for (const Mechanical& row : kMechanical) {
    if (row.type != type) {
      continue;
    }
    for (const std::string& name : unknown_members(properties, *row.operation().input)) {
      if (const std::size_t slash = name.rfind('/'); slash != std::string::npos) {
        return "Properties validation failed for resource " + logical_id + " with message:\n#/" +
               name.substr(0, slash) + ": extraneous key [" + name.substr(slash + 1) +
               "] is not permitted";
      }
    }
  }
  return std::nullopt;
}

}  // namespace local
