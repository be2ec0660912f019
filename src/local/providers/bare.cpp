#include "local/providers/api_call.hpp"

namespace local {
namespace {

// Types that are a name and nothing behind it: what other resources refer to works, and nothing
// runs.

Progress create_topic(const Providing& p, const ResourceRequest& request) {
  std::string name = text_property(request.properties, "TopicName");
  if (name.empty()) {
    name = physical_name(p, request, 256);
  }
  Progress out;
  out.physical_id = p.context.arn("sns", name);
  out.attributes = attributes({{"TopicArn", out.physical_id},
                               {"TopicName", name},
                               {"DisplayName", text_property(request.properties, "DisplayName")}});
  return out;
}

Progress update_topic(const Providing& /*p*/, const ResourceRequest& request) {
  Progress out;
  const std::string name = request.physical_id.substr(request.physical_id.rfind(':') + 1);
  out.attributes = attributes({{"TopicArn", request.physical_id},
                               {"TopicName", name},
                               {"DisplayName", text_property(request.properties, "DisplayName")}});
  return out;
}

Progress create_wait_handle(const Providing& p, const ResourceRequest& request) {
  Progress out;
  out.physical_id = "https://cloudformation-waitcondition-" + p.context.region +
                    ".s3.amazonaws.com/" + request.stack_id + "/" + request.logical_id;
  out.attributes = attributes({{"Id", out.physical_id}});
  return out;
}

// Egress is open on this machine; the rule is kept as written.
Progress create_egress(const Providing& p, const ResourceRequest& /*request*/) {
  Progress out;
  out.physical_id = "sgr-" + p.context.ids.hex(17);
  out.attributes = attributes({{"Id", out.physical_id}});
  return out;
}

Progress create_associations(const Providing& /*p*/, const ResourceRequest& request) {
  Progress out;
  out.physical_id = text_property(request.properties, "Cluster");
  return out;
}

constexpr Provider kBare[] = {
    {.type = "AWS::SNS::Topic", .create = create_topic, .update = update_topic},
    {.type = "AWS::CloudFormation::WaitConditionHandle", .create = create_wait_handle},
    {.type = "AWS::EC2::SecurityGroupEgress", .create = create_egress},
    {.type = "AWS::ECS::ClusterCapacityProviderAssociations", .create = create_associations},
};

}  // namespace

std::span<const Provider> bare_providers() {
  return kBare;
}

}  // namespace local
