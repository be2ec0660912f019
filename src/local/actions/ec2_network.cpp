#include <array>

#include "local/actions/ec2.hpp"
#include "local/actions/ec2_filters.hpp"
#include "local/store.hpp"

namespace local {

namespace {

namespace api_ec2 = awsapi::ec2;

constexpr std::array<std::string_view, 3> kZones = {"a", "b", "c"};
constexpr std::array<std::string_view, 3> kSubnetBlocks = {"172.31.0.0/20",
                                                           "172.31.16.0/20",
                                                           "172.31.32.0/20"};
constexpr std::string_view kNetworkKind = "ec2.network";
constexpr std::string_view kNetworkId = "default";

// "us-east-1" -> "use1", "ap-northeast-1" -> "apne1": the prefix of zone ids.
std::string zone_id_prefix(const std::string& region) {
  const std::size_t first = region.find('-');
  const std::size_t second = region.find('-', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    return region;
  }
  const std::string direction = region.substr(first + 1, second - first - 1);
  std::string letters;
  for (const std::string_view word : {"north", "south", "east", "west", "central"}) {
    if (direction.find(word) != std::string::npos) {
      letters.push_back(word.front());
    }
  }
  return region.substr(0, first) + letters + region.substr(second + 1);
}

std::vector<api_ec2::AvailabilityZone> zones_of(const std::string& region) {
  std::vector<api_ec2::AvailabilityZone> zones;
  for (std::size_t i = 0; i < kZones.size(); ++i) {
    api_ec2::AvailabilityZone zone;
    zone.state = "available";
    zone.opt_in_status = "opt-in-not-required";
    zone.region_name = region;
    zone.zone_name = region + std::string(kZones.at(i));
    zone.zone_id = zone_id_prefix(region) + "-az" + std::to_string(i + 1);
    zone.group_name = region + "-zg-1";
    zone.network_border_group = region;
    zone.zone_type = "availability-zone";
    zones.push_back(std::move(zone));
  }
  return zones;
}

std::vector<api_ec2::Region> regions_with(const std::string& own) {
  std::vector<api_ec2::Region> regions;
  bool listed = false;
  const auto add = [&](const std::string& name) {
    api_ec2::Region region;
    region.region_name = name;
    region.endpoint = "ec2." + name + ".amazonaws.com";
    region.opt_in_status = "opt-in-not-required";
    regions.push_back(std::move(region));
    listed = listed || name == own;
  };
  for (const char* name : {"ap-south-1",
                           "eu-north-1",
                           "eu-west-3",
                           "eu-west-2",
                           "eu-west-1",
                           "ap-northeast-3",
                           "ap-northeast-2",
                           "ap-northeast-1",
                           "ca-central-1",
                           "sa-east-1",
                           "ap-southeast-1",
                           "ap-southeast-2",
                           "eu-central-1",
                           "us-east-1",
                           "us-east-2",
                           "us-west-1",
                           "us-west-2"}) {
    add(name);
  }
  if (!listed) {
    add(own);
  }
  return regions;
}

constexpr std::array<ec2::FilterRow<api_ec2::AvailabilityZone>, 6> kZoneFilters = {{
    {"zone-name", [](const auto& z) { return ec2::one(z.zone_name); }},
    {"zone-id", [](const auto& z) { return ec2::one(z.zone_id); }},
    {"state", [](const auto& z) { return ec2::one(z.state); }},
    {"region-name", [](const auto& z) { return ec2::one(z.region_name); }},
    {"zone-type", [](const auto& z) { return ec2::one(z.zone_type); }},
    {"opt-in-status", [](const auto& z) { return ec2::one(z.opt_in_status); }},
}};
constexpr std::array<ec2::FilterRow<api_ec2::Region>, 3> kRegionFilters = {{
    {"region-name", [](const auto& r) { return ec2::one(r.region_name); }},
    {"endpoint", [](const auto& r) { return ec2::one(r.endpoint); }},
    {"opt-in-status", [](const auto& r) { return ec2::one(r.opt_in_status); }},
}};

template <class T>
std::vector<api_ec2::Tag> no_tags(const T& /*item*/) {
  return {};
}

}  // namespace

void Ec2::make_default_network() {
  const auto id = [this](const char* prefix) { return prefix + context_.ids.hex(17); };
  vpc_.vpc_id = id("vpc-");
  vpc_.owner_id = context_.account;
  vpc_.instance_tenancy = "default";
  vpc_.is_default = true;
  vpc_.state = "available";
  vpc_.cidr_block = "172.31.0.0/16";
  vpc_.dhcp_options_id = id("dopt-");
  api_ec2::VpcCidrBlockAssociation block;
  block.association_id = id("vpc-cidr-assoc-");
  block.cidr_block = vpc_.cidr_block;
  block.cidr_block_state.emplace().state = "associated";
  vpc_.cidr_block_association_set.push_back(std::move(block));
  const auto zones = zones_of(context_.region);
  for (std::size_t i = 0; i < zones.size(); ++i) {
    api_ec2::Subnet subnet;
    subnet.subnet_id = id("subnet-");
    subnet.subnet_arn = context_.arn("ec2", "subnet/" + *subnet.subnet_id);
    subnet.availability_zone = zones[i].zone_name;
    subnet.availability_zone_id = zones[i].zone_id;
    subnet.owner_id = context_.account;
    subnet.vpc_id = vpc_.vpc_id;
    subnet.state = "available";
    subnet.cidr_block = std::string(kSubnetBlocks.at(i));
    subnet.available_ip_address_count = 4091;
    subnet.default_for_az = true;
    subnet.map_public_ip_on_launch = true;
    subnet.map_customer_owned_ip_on_launch = false;
    subnet.assign_ipv6_address_on_creation = false;
    subnet.enable_dns64 = false;
    subnet.ipv6_native = false;
    subnets_.push_back(std::move(subnet));
  }
  gateway_.internet_gateway_id = id("igw-");
  gateway_.owner_id = context_.account;
  gateway_.attachments.emplace_back();
  gateway_.attachments.back().state = "available";
  gateway_.attachments.back().vpc_id = vpc_.vpc_id;
  routes_.route_table_id = id("rtb-");
  routes_.owner_id = context_.account;
  routes_.vpc_id = vpc_.vpc_id;
  api_ec2::RouteTableAssociation main;
  main.main = true;
  main.route_table_association_id = id("rtbassoc-");
  main.route_table_id = routes_.route_table_id;
  main.association_state.emplace().state = "associated";
  routes_.associations.push_back(std::move(main));
  for (const auto& [block_name, target, origin] :
       {std::tuple{*vpc_.cidr_block, std::string("local"), "CreateRouteTable"},
        std::tuple{std::string("0.0.0.0/0"), *gateway_.internet_gateway_id, "CreateRoute"}}) {
    api_ec2::Route route;
    route.destination_cidr_block = block_name;
    route.gateway_id = target;
    route.origin = origin;
    route.state = "active";
    routes_.routes.push_back(std::move(route));
  }
  context_.store.put(kNetworkKind, kNetworkId, network_node());

  Group& group = new_group("default", "default VPC security group", *vpc_.vpc_id);
  ec2::Rule from_itself;
  from_itself.security_group_rule_id = id("sgr-");
  from_itself.group_id = group.described.group_id;
  from_itself.group_owner_id = context_.account;
  from_itself.is_egress = false;
  from_itself.ip_protocol = "-1";
  from_itself.from_port = -1;
  from_itself.to_port = -1;
  from_itself.referenced_group_info.emplace().group_id = group.described.group_id;
  from_itself.referenced_group_info->user_id = context_.account;
  group.rules.push_back(std::move(from_itself));
  save(group);
}

doc::Node Ec2::network_node() const {
  std::vector<doc::Node> subnets;
  for (const auto& subnet : subnets_) {
    subnets.push_back(subnet.to_node(awsapi::EmptyLists::omit));
  }
  return doc::map({{"vpc", vpc_.to_node(awsapi::EmptyLists::omit)},
                   {"subnets", doc::list(std::move(subnets))},
                   {"routes", routes_.to_node(awsapi::EmptyLists::omit)},
                   {"gateway", gateway_.to_node(awsapi::EmptyLists::omit)}});
}

void Ec2::restore_network(const doc::Node& body) {
  const doc::Node* vpc = body.find("vpc");
  const doc::Node* subnets = body.find("subnets");
  const doc::Node* routes = body.find("routes");
  const doc::Node* gateway = body.find("gateway");
  if (vpc == nullptr || subnets == nullptr || subnets->as_sequence() == nullptr ||
      routes == nullptr || gateway == nullptr) {
    return;
  }
  vpc_ = api_ec2::Vpc::from_node(*vpc);
  routes_ = api_ec2::RouteTable::from_node(*routes);
  gateway_ = api_ec2::InternetGateway::from_node(*gateway);
  for (const doc::Node& subnet : subnets->as_sequence()->items) {
    subnets_.push_back(api_ec2::Subnet::from_node(subnet));
  }
}

void Ec2::add_network_actions(ActionTable& actions) {
  actions.add<api_ec2::DescribeAvailabilityZonesRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeAvailabilityZonesResponse> {
        auto zones = ec2::with_ids(
            zones_of(context_.region),
            request.zone_names,
            [](const auto& z) { return z.zone_name; },
            "InvalidParameterValue",
            "zone name");
        if (zones) {
          zones = ec2::with_ids(
              std::move(*zones),
              request.zone_ids,
              [](const auto& z) { return z.zone_id; },
              "InvalidParameterValue",
              "zone id");
        }
        if (zones) {
          zones = ec2::filtered(
              std::move(*zones),
              request.filters,
              std::span<const ec2::FilterRow<api_ec2::AvailabilityZone>>(kZoneFilters),
              no_tags<api_ec2::AvailabilityZone>);
        }
        if (!zones) {
          return util::unexpected(zones.error());
        }
        return api_ec2::DescribeAvailabilityZonesResponse{std::move(*zones)};
      });
  actions.add<api_ec2::DescribeRegionsRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeRegionsResponse> {
        auto regions = ec2::with_ids(
            regions_with(context_.region),
            request.region_names,
            [](const auto& r) { return r.region_name; },
            "InvalidParameterValue",
            "region");
        if (regions) {
          regions = ec2::filtered(std::move(*regions),
                                  request.filters,
                                  std::span<const ec2::FilterRow<api_ec2::Region>>(kRegionFilters),
                                  no_tags<api_ec2::Region>);
        }
        if (!regions) {
          return util::unexpected(regions.error());
        }
        return api_ec2::DescribeRegionsResponse{std::move(*regions)};
      });
  actions.add<api_ec2::DescribeVpcAttributeRequest>(
      [this](const auto& request) { return vpc_attribute(request); });
  // There is nothing of the kind in the default network.
  actions.add<api_ec2::DescribeNatGatewaysRequest>(
      [](const auto&) -> Answer<api_ec2::DescribeNatGatewaysResponse> {
        return api_ec2::DescribeNatGatewaysResponse{};
      });
  actions.add<api_ec2::DescribeVpcEndpointsRequest>(
      [](const auto&) -> Answer<api_ec2::DescribeVpcEndpointsResponse> {
        return api_ec2::DescribeVpcEndpointsResponse{};
      });
}

Ec2::Answer<api_ec2::DescribeVpcAttributeResponse> Ec2::vpc_attribute(
    const api_ec2::DescribeVpcAttributeRequest& request) {
  if (request.vpc_id != vpc_.vpc_id) {
    return util::unexpected(ec2::not_found("InvalidVpcID.NotFound", "vpc ID", request.vpc_id));
  }
  api_ec2::DescribeVpcAttributeResponse result;
  result.vpc_id = request.vpc_id;
  api_ec2::AttributeBooleanValue on;
  on.value = true;
  if (request.attribute == "enableDnsSupport") {
    result.enable_dns_support = on;
  } else if (request.attribute == "enableDnsHostnames") {
    result.enable_dns_hostnames = on;
  } else {
    on.value = false;
    result.enable_network_address_usage_metrics = on;
  }
  return result;
}

void Ec2::restore() {
  context_.store.each(kNetworkKind,
                      [this](const std::string&, const doc::Node& body) { restore_network(body); });
  context_.store.each("ec2.security-group", [this](const std::string& id, const doc::Node& body) {
    Group& group = groups_[id];
    if (const doc::Node* described = body.find("group")) {
      group.described = api_ec2::SecurityGroup::from_node(*described);
    }
    const doc::Node* rules = body.find("rules");
    if (rules != nullptr && rules->as_sequence() != nullptr) {
      for (const doc::Node& rule : rules->as_sequence()->items) {
        group.rules.push_back(ec2::Rule::from_node(rule));
      }
    }
  });
  if (!vpc_.vpc_id) {
    make_default_network();
  }
}

}  // namespace local
