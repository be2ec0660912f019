#include <algorithm>
#include <utility>

#include "awsapi/ec2.hpp"
#include "local/actions/elbv2.hpp"
#include "local/actions/elbv2_attributes.hpp"
#include "util/strings.hpp"

namespace local::elbv2 {

namespace {

// The hosted zones that AWS publishes for us-east-1.
constexpr const char* kNetworkZone = "Z26RNL4JYFTOTI";
constexpr const char* kApplicationZone = "Z35SXDOTRQ7X7K";

std::optional<ApiError> check_load_balancer_name(const std::string& name) {
  const std::string quoted = "The load balancer name '" + name + "' ";
  if (name.size() > 32) {
    return validation_error(quoted + "cannot be longer than '32' characters");
  }
  if (name.empty() ||
      !std::ranges::all_of(name, [](char c) { return util::is_alnum(c) || c == '-'; })) {
    return validation_error(
        quoted + "can only contain characters that are alphanumeric characters and hyphens(-)");
  }
  if (name.front() == '-' || name.back() == '-') {
    return validation_error(quoted + "cannot begin or end with a hyphen(-)");
  }
  if (name.starts_with("internal-")) {
    return validation_error(quoted + "cannot begin with 'internal-'");
  }
  return std::nullopt;
}

std::vector<std::string> subnets_of(const std::vector<std::string>& subnets,
                                    const std::vector<wire::SubnetMapping>& mappings) {
  std::vector<std::string> all = subnets;
  for (const wire::SubnetMapping& mapping : mappings) {
    all.push_back(mapping.subnet_id.value_or(""));
  }
  return all;
}

// A second creation with the same settings is the first one again.
bool same_settings(const wire::LoadBalancer& old, const wire::CreateLoadBalancerRequest& request) {
  std::vector<std::string> old_subnets;
  for (const wire::AvailabilityZone& zone : old.availability_zones) {
    old_subnets.push_back(zone.subnet_id.value_or(""));
  }
  std::vector<std::string> new_subnets = subnets_of(request.subnets, request.subnet_mappings);
  std::ranges::sort(old_subnets);
  std::ranges::sort(new_subnets);
  return old_subnets == new_subnets && old.type == request.type.value_or("application") &&
         old.scheme == request.scheme.value_or("internet-facing") &&
         old.security_groups == request.security_groups;
}

}  // namespace

wire::LoadBalancer Elbv2::shown(const LoadBalancer& record) const {
  wire::LoadBalancer shape = record.shape;
  shape.dns_name = record.host.empty() || record.host == "127.0.0.1" ? "localhost" : record.host;
  for (const auto& [arn, one] : listeners_) {
    if (one.load_balancer() == record.arn() && !one.open && shape.state->code == "active") {
      shape.state->code = "active_impaired";
      shape.state->reason =
          "Port " + std::to_string(one.shape.port.value_or(0)) + " is taken on this machine";
    }
  }
  return shape;
}

// The zones of these subnets, and their VPC.
util::Result<std::vector<wire::AvailabilityZone>, ApiError> Elbv2::zones_of(
    const std::vector<std::string>& subnets,
    std::string& vpc) {
  awsapi::ec2::DescribeSubnetsRequest request;
  request.subnet_ids = subnets;
  const auto known = actions_.call(request);
  if (!known) {
    const std::string& code = known.error().code;
    return util::unexpected(code.find("InvalidSubnet") == std::string::npos
                                ? known.error()
                                : ApiError{"SubnetNotFound", known.error().message, 400});
  }
  std::vector<wire::AvailabilityZone> zones;
  for (const awsapi::ec2::Subnet& subnet : known->subnets) {
    wire::AvailabilityZone zone;
    zone.zone_name = subnet.availability_zone;
    zone.subnet_id = subnet.subnet_id;
    const bool again = std::ranges::any_of(zones, [&](const wire::AvailabilityZone& other) {
      return other.zone_name == zone.zone_name;
    });
    if (again) {
      return util::unexpected(ApiError{
          "InvalidConfigurationRequest",
          "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
          400});
    }
    if (!vpc.empty() && vpc != subnet.vpc_id) {
      return util::unexpected(
          ApiError{"InvalidSubnet",
                   "The subnets must be in the same VPC: " + subnet.subnet_id.value_or(""),
                   400});
    }
    vpc = subnet.vpc_id.value_or("");
    zones.push_back(std::move(zone));
  }
  return zones;
}

util::Result<wire::CreateLoadBalancerResponse, ApiError> Elbv2::create(
    const wire::CreateLoadBalancerRequest& request) {
  const std::string type = request.type.value_or("application");
  if (auto problem = check_load_balancer_name(request.name)) {
    return util::unexpected(*problem);
  }
  if (type == "gateway") {
    return util::unexpected(ApiError{"InvalidConfigurationRequest",
                                     "The local engine has no load balancers of type 'gateway'.",
                                     400});
  }
  wire::CreateLoadBalancerResponse response;
  for (const auto& [arn, record] : load_balancers_) {
    if (record.shape.load_balancer_name == request.name) {
      if (!same_settings(record.shape, request)) {
        return util::unexpected(ApiError{"DuplicateLoadBalancerName",
                                         "A load balancer with the same name '" + request.name +
                                             "' exists, but with different settings",
                                         400});
      }
      response.load_balancers.push_back(shown(record));
      return response;
    }
  }
  const std::vector<std::string> subnets = subnets_of(request.subnets, request.subnet_mappings);
  if (subnets.empty()) {
    return util::unexpected(
        validation_error("You must specify either subnets or an Availability Zone mapping"));
  }
  std::string vpc;
  auto zones = zones_of(subnets, vpc);
  if (!zones) {
    return util::unexpected(std::move(zones.error()));
  }
  if (type == "application" && zones->size() < 2) {
    return util::unexpected(validation_error(
        "At least two subnets in two different Availability Zones must be specified"));
  }
  LoadBalancer record;
  const bool application = type == "application";
  const std::string path =
      std::string(application ? "app" : "net") + "/" + request.name + "/" + context_.ids.hex(16);
  wire::LoadBalancer& shape = record.shape;
  shape.load_balancer_arn = context_.arn("elasticloadbalancing", "loadbalancer/" + path);
  shape.dns_name = "localhost";
  shape.canonical_hosted_zone_id = application ? kApplicationZone : kNetworkZone;
  shape.created_time = awsapi::Timestamp{context_.now().time_since_epoch().count()};
  shape.load_balancer_name = request.name;
  shape.scheme = request.scheme.value_or("internet-facing");
  shape.vpc_id = vpc;
  shape.state.emplace().code = "provisioning";
  shape.type = type;
  shape.availability_zones = std::move(*zones);
  shape.security_groups = request.security_groups;
  shape.ip_address_type = request.ip_address_type.value_or("ipv4");
  record.tags = request.tags;
  record.attributes = default_attributes(attributes_of_balancer(type));
  save(record);
  const std::string arn = record.arn();
  load_balancers_[arn] = std::move(record);
  context_.timers.at(context_.now(), [this, arn] {
    if (const auto at = load_balancers_.find(arn); at != load_balancers_.end()) {
      at->second.shape.state->code = "active";
      save(at->second);
    }
  });
  response.load_balancers.push_back(shown(load_balancers_.at(arn)));
  return response;
}

util::Result<wire::DeleteLoadBalancerResponse, ApiError> Elbv2::remove(
    const wire::DeleteLoadBalancerRequest& request) {
  const auto found = load_balancer(request.load_balancer_arn);
  if (!found) {
    // Deleting what is gone succeeds, as on AWS.
    return found.error().code == "LoadBalancerNotFound"
               ? util::Result<wire::DeleteLoadBalancerResponse, ApiError>{}
               : util::unexpected(found.error());
  }
  if ((*found)->attributes["deletion_protection.enabled"] == "true") {
    return util::unexpected(
        ApiError{"OperationNotPermitted",
                 "Load balancer '" + request.load_balancer_arn +
                     "' cannot be deleted because deletion protection is enabled",
                 400});
  }
  std::vector<std::string> owned;
  for (const auto& [arn, record] : listeners_) {
    if (record.load_balancer() == request.load_balancer_arn) {
      owned.push_back(arn);
    }
  }
  for (const std::string& arn : owned) {
    erase_listener(arn);
  }
  erase_record(request.load_balancer_arn);
  load_balancers_.erase(request.load_balancer_arn);
  apply();
  return wire::DeleteLoadBalancerResponse{};
}

util::Result<wire::DescribeLoadBalancersResponse, ApiError> Elbv2::describe(
    const wire::DescribeLoadBalancersRequest& request) {
  std::vector<wire::LoadBalancer> all;
  for (const std::string& arn : request.load_balancer_arns) {
    const auto found = load_balancer(arn);
    if (!found) {
      return util::unexpected(found.error());
    }
    all.push_back(shown(**found));
  }
  for (const std::string& name : request.names) {
    const auto at = std::ranges::find_if(load_balancers_, [&](const auto& entry) {
      return entry.second.shape.load_balancer_name == name;
    });
    if (at == load_balancers_.end()) {
      return util::unexpected(
          ApiError{"LoadBalancerNotFound", "Load balancers '[" + name + "]' not found", 400});
    }
    all.push_back(shown(at->second));
  }
  if (request.load_balancer_arns.empty() && request.names.empty()) {
    for (const auto& [arn, record] : load_balancers_) {
      all.push_back(shown(record));
    }
  }
  wire::DescribeLoadBalancersResponse response;
  response.load_balancers =
      page(std::move(all), request.marker, request.page_size, response.next_marker);
  return response;
}

util::Result<wire::DescribeLoadBalancerAttributesResponse, ApiError> Elbv2::describe(
    const wire::DescribeLoadBalancerAttributesRequest& request) {
  const auto found = load_balancer(request.load_balancer_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  wire::DescribeLoadBalancerAttributesResponse response;
  response.attributes = shown_attributes<wire::LoadBalancerAttribute>((*found)->attributes);
  return response;
}

util::Result<wire::ModifyLoadBalancerAttributesResponse, ApiError> Elbv2::modify(
    const wire::ModifyLoadBalancerAttributesRequest& request) {
  const auto found = load_balancer(request.load_balancer_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  LoadBalancer& record = **found;
  if (auto problem = set_attributes(attributes_of_balancer(record.shape.type.value_or("")),
                                    record.attributes,
                                    request.attributes)) {
    return util::unexpected(*problem);
  }
  save(record);
  apply();
  wire::ModifyLoadBalancerAttributesResponse response;
  response.attributes = shown_attributes<wire::LoadBalancerAttribute>(record.attributes);
  return response;
}

util::Result<wire::SetSecurityGroupsResponse, ApiError> Elbv2::set(
    const wire::SetSecurityGroupsRequest& request) {
  const auto found = load_balancer(request.load_balancer_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  (*found)->shape.security_groups = request.security_groups;
  save(**found);
  wire::SetSecurityGroupsResponse response;
  response.security_group_ids = request.security_groups;
  return response;
}

util::Result<wire::SetSubnetsResponse, ApiError> Elbv2::set(
    const wire::SetSubnetsRequest& request) {
  const auto found = load_balancer(request.load_balancer_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  std::string vpc;
  auto zones = zones_of(subnets_of(request.subnets, request.subnet_mappings), vpc);
  if (!zones) {
    return util::unexpected(std::move(zones.error()));
  }
  (*found)->shape.availability_zones = std::move(*zones);
  save(**found);
  wire::SetSubnetsResponse response;
  response.availability_zones = (*found)->shape.availability_zones;
  response.ip_address_type = (*found)->shape.ip_address_type;
  return response;
}

void Elbv2::add_load_balancer_actions(ActionTable& table) {
  add<wire::CreateLoadBalancerRequest>(table, &Elbv2::create);
  add<wire::DeleteLoadBalancerRequest>(table, &Elbv2::remove);
  add<wire::DescribeLoadBalancersRequest>(table, &Elbv2::describe);
  add<wire::DescribeLoadBalancerAttributesRequest>(table, &Elbv2::describe);
  add<wire::ModifyLoadBalancerAttributesRequest>(table, &Elbv2::modify);
  add<wire::SetSecurityGroupsRequest>(table, &Elbv2::set);
  add<wire::SetSubnetsRequest>(table, &Elbv2::set);
}

}  // namespace local::elbv2
