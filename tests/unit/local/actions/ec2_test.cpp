#include "local/actions/ec2.hpp"

#include <doctest/doctest.h>

#include "support/fake_context.hpp"

namespace {

namespace api = awsapi::ec2;

struct Ec2World {
  test::FakeContext fake;
  local::ActionTable actions;
  local::Ec2 ec2{fake.context};

  Ec2World() {
    ec2.add_actions(actions);
    ec2.restore();
  }

  template <class Request>
  auto ok(const Request& request) {
    auto response = actions.call(request);
    if (!response) {
      FAIL(response.error().code << ": " << response.error().message);
    }
    return std::move(*response);
  }

  template <class Request>
  std::string error(const Request& request) {
    const auto response = actions.call(request);
    return response ? "no error" : response.error().code + ": " + response.error().message;
  }

  std::string make_group(const std::string& name) {
    api::CreateSecurityGroupRequest request;
    request.group_name = name;
    request.description = "for a test";
    return ok(request).group_id.value();
  }
};

api::Filter ec2_filter(const std::string& name, std::vector<std::string> values) {
  return {name, std::move(values)};
}

api::AuthorizeSecurityGroupIngressRequest allow(const std::string& group,
                                                std::int64_t port,
                                                const std::string& cidr) {
  api::AuthorizeSecurityGroupIngressRequest request;
  request.group_id = group;
  auto& permission = request.ip_permissions.emplace_back();
  permission.ip_protocol = "TCP";
  permission.from_port = port;
  permission.to_port = port;
  permission.ip_ranges.emplace_back().cidr_ip = cidr;
  return request;
}

}  // namespace

TEST_CASE("a fresh account has the default network") {
  Ec2World world;
  api::DescribeVpcsRequest vpcs;
  vpcs.filters = {ec2_filter("is-default", {"true"})};
  const auto vpc = world.ok(vpcs).vpcs;
  REQUIRE(vpc.size() == 1);
  CHECK(vpc[0].cidr_block == "172.31.0.0/16");
  api::DescribeSubnetsRequest subnets;
  subnets.filters = {ec2_filter("vpc-id", {*vpc[0].vpc_id}),
                     ec2_filter("default-for-az", {"true"})};
  const auto found = world.ok(subnets).subnets;
  REQUIRE(found.size() == 3);
  CHECK(found[1].availability_zone == "us-east-1b");
  CHECK(found[1].availability_zone_id == "use1-az2");
  CHECK(found[1].cidr_block == "172.31.16.0/20");
  api::DescribeRouteTablesRequest routes;
  routes.filters = {ec2_filter("association.main", {"true"}),
                    ec2_filter("route.gateway-id", {"igw-*"})};
  CHECK(world.ok(routes).route_tables.size() == 1);
  api::DescribeSecurityGroupsRequest groups;
  groups.filters = {ec2_filter("group-name", {"default"})};
  const auto group = world.ok(groups).security_groups;
  REQUIRE(group.size() == 1);
  CHECK(group[0].ip_permissions.at(0).user_id_group_pairs.at(0).group_id == group[0].group_id);
  CHECK(group[0].ip_permissions_egress.at(0).ip_ranges.at(0).cidr_ip == "0.0.0.0/0");
  CHECK(world.ok(api::DescribeInternetGatewaysRequest{}).internet_gateways.size() == 1);
  CHECK(world.ok(api::DescribeAvailabilityZonesRequest{}).availability_zones.size() == 3);
  api::DescribeVpcAttributeRequest attribute;
  attribute.vpc_id = *vpc[0].vpc_id;
  attribute.attribute = "enableDnsHostnames";
  CHECK(world.ok(attribute).enable_dns_hostnames->value == true);
}

TEST_CASE("the network and its groups are the same after a restart") {
  Ec2World world;
  const std::string id = world.make_group("web");
  world.ok(allow(id, 80, "10.1.2.3/8"));
  local::Ec2 again(world.fake.context);
  local::ActionTable actions;
  again.add_actions(actions);
  again.restore();
  CHECK(actions.call(api::DescribeSubnetsRequest{})->subnets.at(2).subnet_id ==
        world.ok(api::DescribeSubnetsRequest{}).subnets.at(2).subnet_id);
  api::DescribeSecurityGroupsRequest request;
  request.group_ids = {id};
  const auto group = actions.call(request)->security_groups.at(0);
  CHECK(group.ip_permissions.at(0).ip_ranges.at(0).cidr_ip == "10.0.0.0/8");
  CHECK(group.ip_permissions.at(0).ip_protocol == "tcp");
}

TEST_CASE("security groups are refused as AWS refuses them") {
  Ec2World world;
  const std::string id = world.make_group("web");
  api::CreateSecurityGroupRequest create;
  create.group_name = "web";
  create.description = "again";
  CHECK(world.error(create).starts_with(
      "InvalidGroup.Duplicate: The security group 'web' already exists for VPC"));
  create.group_name = "sg-1";
  CHECK(world.error(create).starts_with("InvalidParameterValue"));
  create.group_name = "other";
  create.description = "new\nline";
  CHECK(world.error(create).starts_with("InvalidParameterValue"));
  create.description = "x";
  create.vpc_id = "vpc-1";
  CHECK(world.error(create) == "InvalidVpcID.NotFound: The vpc ID 'vpc-1' does not exist");

  world.ok(allow(id, 80, "0.0.0.0/0"));
  CHECK(
      world.error(allow(id, 80, "0.0.0.0/0")) ==
      "InvalidPermission.Duplicate: the specified rule \"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW\" "
      "already exists");
  CHECK(world.error(allow(id, 70'000, "0.0.0.0/0")).starts_with("InvalidParameterValue"));
  CHECK(world.error(allow(id, 81, "10.0.0.0/33")) ==
        "InvalidParameterValue: CIDR block 10.0.0.0/33 is malformed");
  CHECK(world.error(allow("sg-none", 81, "0.0.0.0/0")) ==
        "InvalidGroup.NotFound: The security group 'sg-none' does not exist");
  CHECK(world.error(allow("none", 81, "0.0.0.0/0")) ==
        "InvalidGroupId.Malformed: Invalid id: \"none\" (expecting \"sg-...\")");
}

TEST_CASE("rules can be revoked by what they say and by their id") {
  Ec2World world;
  const std::string id = world.make_group("web");
  world.ok(allow(id, 80, "0.0.0.0/0"));
  const auto second = world.ok(allow(id, 443, "0.0.0.0/0")).security_group_rules;
  api::RevokeSecurityGroupIngressRequest revoke;
  revoke.group_id = id;
  revoke.ip_protocol = "6";
  revoke.from_port = 80;
  revoke.to_port = 80;
  revoke.cidr_ip = "0.0.0.0/0";
  CHECK(world.ok(revoke).revoked_security_group_rules.size() == 1);
  CHECK(world.error(revoke) ==
        "InvalidPermission.NotFound: The specified rule does not exist in this security group.");
  api::RevokeSecurityGroupIngressRequest by_id;
  by_id.group_id = id;
  by_id.security_group_rule_ids = {*second.at(0).security_group_rule_id};
  world.ok(by_id);
  api::DescribeSecurityGroupsRequest request;
  request.group_ids = {id};
  CHECK(world.ok(request).security_groups.at(0).ip_permissions.empty());
}

TEST_CASE("a group in use is not deleted") {
  Ec2World world;
  const std::string web = world.make_group("web");
  const std::string db = world.make_group("db");
  api::AuthorizeSecurityGroupIngressRequest from_web;
  from_web.group_id = db;
  auto& permission = from_web.ip_permissions.emplace_back();
  permission.ip_protocol = "tcp";
  permission.from_port = permission.to_port = 6379;
  permission.user_id_group_pairs.emplace_back().group_id = web;
  world.ok(from_web);
  api::DeleteSecurityGroupRequest remove;
  remove.group_id = web;
  CHECK(world.error(remove) == "DependencyViolation: resource " + web + " has a dependent object");
  bool running = true;
  world.ec2.add_interfaces([&] {
    std::vector<api::NetworkInterface> all(running ? 1 : 0);
    if (running) {
      all[0].network_interface_id = "eni-1";
      all[0].groups.emplace_back().group_id = db;
    }
    return all;
  });
  remove.group_id = db;
  CHECK(world.error(remove).starts_with("DependencyViolation"));
  CHECK(world.ok(api::DescribeNetworkInterfacesRequest{}).network_interfaces.size() == 1);
  running = false;
  world.ok(remove);
  remove.group_id = web;
  world.ok(remove);
  CHECK(world.error(remove) ==
        "InvalidGroup.NotFound: The security group '" + web + "' does not exist");
  api::DeleteSecurityGroupRequest reserved;
  reserved.group_name = "default";
  CHECK(world.error(reserved).starts_with("CannotDelete"));
}

TEST_CASE("lists come in pages, and unknown ids, filters and tokens are errors") {
  Ec2World world;
  for (int i = 0; i < 7; ++i) {
    world.make_group("g" + std::to_string(i));
  }
  api::DescribeSecurityGroupsRequest request;
  request.max_results = 5;
  const auto first = world.ok(request);
  CHECK(first.security_groups.size() == 5);
  request.next_token = first.next_token;
  const auto second = world.ok(request);
  CHECK(second.security_groups.size() == 3);
  CHECK_FALSE(second.next_token.has_value());
  request.next_token = "nonsense";
  CHECK(world.error(request).starts_with("InvalidParameterValue"));
  api::DescribeSubnetsRequest subnets;
  subnets.filters = {ec2_filter("colour", {"red"})};
  CHECK(world.error(subnets) == "InvalidParameterValue: The filter 'colour' is invalid");
  subnets.filters.clear();
  subnets.subnet_ids = {"subnet-1"};
  CHECK(world.error(subnets) ==
        "InvalidSubnetID.NotFound: The subnet ID 'subnet-1' does not exist");
  subnets.max_results = 5;
  CHECK(world.error(subnets).starts_with("InvalidParameterCombination"));
}

TEST_CASE("egress of a template replaces the default rule") {
  Ec2World world;
  const std::string id = world.make_group("web");
  api::IpPermission permission;
  permission.ip_protocol = "tcp";
  permission.from_port = permission.to_port = 443;
  permission.ip_ranges.emplace_back().cidr_ip = "0.0.0.0/0";
  REQUIRE(world.ec2.set_egress(id, {permission}).has_value());
  api::DescribeSecurityGroupsRequest request;
  request.group_ids = {id};
  const auto egress = world.ok(request).security_groups.at(0).ip_permissions_egress;
  REQUIRE(egress.size() == 1);
  CHECK(egress[0].from_port == 443);
}
