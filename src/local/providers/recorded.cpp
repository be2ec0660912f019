#include <algorithm>
#include <array>
#include <utility>

#include "awsapi/ec2.hpp"
#include "awsapi/ecs.hpp"
#include "local/providers/api_call.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

// Types that are kept as they are written: others can refer to them, and nothing acts on them on
// this machine. What that means for each is in providers/parity.cpp, and so in
// docs/local-parity.md.

struct RecordedAttribute {
  std::string_view name;
  std::string_view value;
};

// In `id` and values: {Name} is a property, {hex} and {uuid} are random, {id} is the physical id,
// {region} and {account} are the engine's. A name property that is missing gets a generated name.
struct Recorded {
  std::string_view type;
  std::string_view name_property;  // empty: the id does not come from a property
  std::string_view id;             // when it does not
  RecordedAttribute attributes[3];
};

constexpr Recorded kRecorded[] = {
    {"AWS::ApplicationAutoScaling::ScalingPolicy",
     "",
     "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{uuid}:resource/ecs/{ResourceId}:"
     "policyName/{PolicyName}",
     {{"Arn", "{id}"}}},
    {"AWS::CloudWatch::Alarm",
     "AlarmName",
     "",
     {{"Arn", "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"}}},
    {"AWS::EC2::DHCPOptions", "", "dopt-{hex}", {{"DhcpOptionsId", "{id}"}}},
    {"AWS::EC2::EIP", "", "127.0.0.1", {{"AllocationId", "eipalloc-{hex}"}, {"PublicIp", "{id}"}}},
    {"AWS::EC2::InternetGateway", "", "igw-{hex}", {{"InternetGatewayId", "{id}"}}},
    {"AWS::EC2::NatGateway", "", "nat-{hex}", {{"NatGatewayId", "{id}"}}},
    {"AWS::EC2::Route",
     "",
     "{RouteTableId}|{DestinationCidrBlock}",
     {{"CidrBlock", "{DestinationCidrBlock}"}}},
    {"AWS::EC2::RouteTable", "", "rtb-{hex}", {{"RouteTableId", "{id}"}}},
    {"AWS::EC2::SubnetRouteTableAssociation", "", "rtbassoc-{hex}", {{"Id", "{id}"}}},
    {"AWS::EC2::VPCDHCPOptionsAssociation", "", "{DhcpOptionsId}|{VpcId}", {}},
    {"AWS::EC2::VPCEndpoint", "", "vpce-{hex}", {{"Id", "{id}"}}},
    {"AWS::EC2::VPCGatewayAttachment", "", "IGW|{VpcId}", {{"AttachmentType", "IGW"}}},
    {"AWS::ECS::CapacityProvider", "Name", "", {}},
    {"AWS::IAM::InstanceProfile",
     "InstanceProfileName",
     "",
     {{"Arn", "arn:aws:iam::{account}:instance-profile/{id}"}}},
    {"AWS::Scheduler::Schedule",
     "Name",
     "",
     {{"Arn", "arn:aws:scheduler:{region}:{account}:schedule/{GroupName}/{id}"}}},
    {"AWS::Scheduler::ScheduleGroup",
     "Name",
     "",
     {{"Arn", "arn:aws:scheduler:{region}:{account}:schedule-group/{id}"}, {"State", "ACTIVE"}}},
};

std::string filled_in(std::string_view pattern,
                      const Providing& p,
                      const ResourceRequest& request,
                      const std::string& id) {
  std::string out;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) {
      break;
    }
    const std::size_t close = pattern.find('}', open);
    const std::string_view name = pattern.substr(open + 1, close - open - 1);
    out += name == "id"        ? id
           : name == "hex"     ? p.context.ids.hex(17)
           : name == "uuid"    ? p.context.ids.uuid()
           : name == "region"  ? p.context.region
           : name == "account" ? p.context.account
                               : text_property(request.properties, name);
    pattern.remove_prefix(close + 1);
  }
  return out;
}

Progress create_recorded(const Recorded& row, const Providing& p, const ResourceRequest& request) {
  Progress out;
  if (row.name_property.empty()) {
    out.physical_id = filled_in(row.id, p, request, "");
  } else {
    out.physical_id = text_property(request.properties, row.name_property);
    if (out.physical_id.empty()) {
      out.physical_id = physical_name(p, request, 64);
    }
  }
  for (const RecordedAttribute& attribute : row.attributes) {
    if (!attribute.name.empty()) {
      out.attributes.set(attribute.name,
                         doc::Node{filled_in(attribute.value, p, request, out.physical_id)});
    }
  }
  return out;
}

template <const Recorded* row>
Progress create_row(const Providing& p, const ResourceRequest& request) {
  return create_recorded(*row, p, request);
}

// --- a scalable target: nothing scales here, but its limits hold for the service

std::optional<ApiError> keep_within(const Providing& p, const ResourceRequest& request) {
  const std::vector<std::string> path =
      util::split(text_property(request.properties, "ResourceId"), '/');
  if (path.size() != 3 || path[0] != "service") {
    return std::nullopt;
  }
  awsapi::ecs::DescribeServicesRequest ask;
  ask.cluster = path[1];
  ask.services = {path[2]};
  const auto found = p.actions.call(ask);
  if (!found || found->services.empty()) {
    return std::nullopt;
  }
  const std::int64_t least =
      util::parse_int(text_property(request.properties, "MinCapacity")).value_or(0);
  const std::int64_t most =
      util::parse_int(text_property(request.properties, "MaxCapacity")).value_or(least);
  const std::int64_t now = found->services.front().desired_count.value_or(0);
  const std::int64_t wanted = std::clamp(now, std::min(least, most), std::max(least, most));
  if (wanted == now) {
    return std::nullopt;
  }
  awsapi::ecs::UpdateServiceRequest update;
  update.cluster = path[1];
  update.service = path[2];
  update.desired_count = wanted;
  auto updated = p.actions.call(update);
  return updated ? std::nullopt : std::optional(std::move(updated.error()));
}

Progress put_target(const Providing& p, const ResourceRequest& request) {
  Progress out;
  out.physical_id = text_property(request.properties, "ResourceId") + "|" +
                    text_property(request.properties, "ScalableDimension") + "|" +
                    text_property(request.properties, "ServiceNamespace");
  out.attributes = attributes({{"Id", out.physical_id}});
  if (const auto error = keep_within(p, request)) {
    return handler_failure(request, awsapi::ecs::UpdateServiceRequest::operation(), *error);
  }
  return out;
}

// --- a network of one's own: it stands for the only one that there is, so that what is put into it
// finds its zones and its subnets

Progress create_vpc(const Providing& p, const ResourceRequest& request) {
  const auto found = p.actions.call(awsapi::ec2::DescribeVpcsRequest{});
  if (!found || found->vpcs.empty()) {
    return handler_failure(request, "There is no VPC in this engine", "NotFound");
  }
  Progress out;
  out.physical_id = found->vpcs.front().vpc_id.value_or("");
  out.attributes = attributes(
      {{"VpcId", out.physical_id}, {"CidrBlock", text_property(request.properties, "CidrBlock")}});
  return out;
}

Progress create_subnet(const Providing& p, const ResourceRequest& request) {
  const auto found = p.actions.call(awsapi::ec2::DescribeSubnetsRequest{});
  if (!found || found->subnets.empty()) {
    return handler_failure(request, "There is no subnet in this engine", "NotFound");
  }
  const std::string zone = text_property(request.properties, "AvailabilityZone");
  const auto of_zone = std::find_if(
      found->subnets.begin(), found->subnets.end(), [&](const awsapi::ec2::Subnet& subnet) {
        return subnet.availability_zone == zone;
      });
  const awsapi::ec2::Subnet& subnet =
      of_zone == found->subnets.end() ? found->subnets.front() : *of_zone;
  Progress out;
  out.physical_id = subnet.subnet_id.value_or("");
  out.attributes = attributes({{"SubnetId", out.physical_id},
                               {"VpcId", subnet.vpc_id.value_or("")},
                               {"AvailabilityZone", subnet.availability_zone.value_or("")}});
  return out;
}

template <std::size_t... i>
constexpr auto rows(std::index_sequence<i...> /*indices*/) {
  return std::array<Provider, sizeof...(i) + 3>{
      Provider{.type = "AWS::ApplicationAutoScaling::ScalableTarget",
               .create = put_target,
               .update = put_target},
      Provider{.type = "AWS::EC2::VPC", .create = create_vpc},
      Provider{.type = "AWS::EC2::Subnet", .create = create_subnet},
      Provider{.type = kRecorded[i].type, .create = create_row<&kRecorded[i]>}...};
}

constexpr auto kProviders = rows(std::make_index_sequence<std::size(kRecorded)>());

}  // namespace

std::span<const Provider> recorded_providers() {
  return kProviders;
}

}  // namespace local
