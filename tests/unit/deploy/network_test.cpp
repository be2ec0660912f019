#include "deploy/network.hpp"

#include <doctest/doctest.h>

#include "scripted_api.hpp"

namespace {

using deploy::SubnetWish;
using Ids = std::vector<std::string>;

constexpr std::string_view kPublicMain =
    R"({"Associations":[{"Main":true}],"Routes":[{"GatewayId":"local"},{"GatewayId":"igw-1","State":"active"}]})";
constexpr std::string_view kClosedMain =
    R"({"Associations":[{"Main":true}],"Routes":[{"GatewayId":"local","DestinationCidrBlock":"10.0.0.0/16"}]})";

std::string nat_table(const Ids& subnets) {
  std::string associations;
  for (const std::string& id : subnets) {
    associations += (associations.empty() ? "" : ",") + (R"({"SubnetId":")" + id + R"("})");
  }
  return R"({"Associations":[)" + associations +
         R"(],"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","NatGatewayId":"nat-1"}]})";
}

// Subnets a, b, c public by the main table unless `routes` says otherwise; p and q in z1 and z2.
struct Vpc {
  test::ScriptedApi api;

  explicit Vpc(const std::string& routes) {
    api.answer("DescribeVpcs", R"({"Vpcs":[{"VpcId":"vpc-1"}]})");
    api.answer("DescribeRouteTables", R"({"RouteTables":[)" + routes + "]}");
    api.answer(
        "DescribeSubnets",
        R"({"Subnets":[{"SubnetId":"subnet-c","AvailabilityZone":"z2","VpcId":"vpc-1"},)"
        R"({"SubnetId":"subnet-q","AvailabilityZone":"z2"},{"SubnetId":"subnet-p","AvailabilityZone":"z1",)"
        R"("Tags":[{"Key":"Tier","Value":"private"}]},)"
        R"({"SubnetId":"subnet-b","AvailabilityZone":"z1"},{"SubnetId":"subnet-a","AvailabilityZone":"z1"}]})");
  }

  deploy::Placement place(const deploy::PlacementWish& wish) {
    const auto placement = deploy::find_placement(api, wish);
    REQUIRE(placement);
    return *placement;
  }

  deploy::Refusal refusal(const deploy::PlacementWish& wish) {
    const auto placement = deploy::find_placement(api, wish);
    REQUIRE_FALSE(placement);
    return std::get<deploy::Refusal>(placement.error());
  }
};

}  // namespace

TEST_CASE("public subnets, one a zone, whatever the order of the answers") {
  Vpc vpc{std::string(kPublicMain) + "," + nat_table({"subnet-p"})};
  const auto placement = vpc.place({.with_balancer = true});
  CHECK(placement.vpc_id == "vpc-1");
  CHECK(placement.subnet_ids == Ids{"subnet-a", "subnet-c"});
  CHECK(placement.balancer_subnet_ids == Ids{"subnet-a", "subnet-c"});
  CHECK(placement.public_ip);
  CHECK(vpc.api.calls_of("DescribeVpcs").front().find("is-default") != std::string::npos);
}

TEST_CASE("private subnets that a NAT gateway serves in two zones are preferred") {
  Vpc vpc{std::string(kPublicMain) + "," + nat_table({"subnet-p", "subnet-q"})};
  const auto placement = vpc.place({.with_balancer = true});
  CHECK(placement.subnet_ids == Ids{"subnet-p", "subnet-q"});
  CHECK(placement.balancer_subnet_ids == Ids{"subnet-a", "subnet-c"});
  CHECK_FALSE(placement.public_ip);
  CHECK(placement.reason ==
        "tasks run in private subnets of vpc-1 and get out by the route of their subnets");
  CHECK(vpc.place({.subnets = SubnetWish::in_public}).subnet_ids == Ids{"subnet-a", "subnet-c"});
  CHECK(vpc.place({.with_balancer = true, .internal_balancer = true}).balancer_subnet_ids ==
        Ids{"subnet-p", "subnet-q"});
}

TEST_CASE("named subnets are all taken, the first of each zone first") {
  Vpc vpc{std::string(kPublicMain)};
  const auto placement = vpc.place(
      {.subnets = SubnetWish::listed, .subnet_ids = {"subnet-b", "subnet-a", "subnet-q"}});
  CHECK(placement.subnet_ids == Ids{"subnet-a", "subnet-q", "subnet-b"});
  CHECK(placement.public_ip);
}

TEST_CASE("subnets without a way out are refused, unless endpoints let tasks start") {
  Vpc vpc{std::string(kClosedMain)};
  const deploy::PlacementWish wish{.subnets = SubnetWish::in_private};
  vpc.api.answer("DescribeVpcEndpoints",
                 R"({"VpcEndpoints":[{"ServiceName":"com.amazonaws.r.ecr.api"}]})");
  const auto refusal = vpc.refusal(wish);
  CHECK(refusal.message.find("subnet-a could not pull their images") != std::string::npos);
  CHECK(refusal.help.find("missing: ecr.dkr, s3, logs") != std::string::npos);

  Vpc complete{std::string(kClosedMain)};
  complete.api.answer(
      "DescribeVpcEndpoints",
      R"({"VpcEndpoints":[{"ServiceName":"com.amazonaws.r.ecr.api"},{"ServiceName":"com.amazonaws.r.ecr.dkr"},)"
      R"({"ServiceName":"com.amazonaws.r.s3"},{"ServiceName":"com.amazonaws.r.logs"}]})");
  CHECK_FALSE(complete.place(wish).public_ip);
}

TEST_CASE("an internet-facing load balancer needs public subnets in two zones") {
  Vpc vpc{nat_table({"subnet-p", "subnet-q"})};
  const auto refusal = vpc.refusal({.subnets = SubnetWish::in_private, .with_balancer = true});
  CHECK(refusal.message.find("public subnets in 0 availability zones") != std::string::npos);
  CHECK(refusal.help.find("loadbalancer: internal") != std::string::npos);
}

TEST_CASE("a tag that no two zones have is refused, and so is a VPC without names") {
  Vpc vpc{std::string(kPublicMain)};
  CHECK(vpc.refusal({.subnets = SubnetWish::tagged, .tag = "Tier=private"})
            .message.find("subnets tagged Tier=private in 1 availability zones") !=
        std::string::npos);
  Vpc dark{std::string(kPublicMain)};
  dark.api.answer("DescribeVpcAttribute", R"({"EnableDnsSupport":{"Value":true}})");
  dark.api.answer("DescribeVpcAttribute", R"({"EnableDnsHostnames":{"Value":false}})");
  CHECK(dark.refusal({}).help ==
        "aws ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-hostnames");
}

TEST_CASE(
    "unreadable route tables count as public; one zone is not enough; no default VPC is said") {
  test::ScriptedApi api;
  api.answer("DescribeVpcs", R"({"Vpcs":[{"VpcId":"vpc-1"}]})");
  api.fail("DescribeRouteTables", {deploy::ApiError::Kind::answered, "UnauthorizedOperation", ""});
  api.answer("DescribeSubnets", R"({"Subnets":[{"SubnetId":"subnet-a","AvailabilityZone":"z1"}]})");
  auto placement = deploy::find_placement(api, {.vpc_id = "vpc-1"});
  REQUIRE_FALSE(placement);
  CHECK(std::get<deploy::Refusal>(placement.error()).message.find("1 availability zones") !=
        std::string::npos);

  test::ScriptedApi empty;
  empty.answer("DescribeVpcs", R"({"Vpcs":[]})");
  placement = deploy::find_placement(empty, {});
  REQUIRE_FALSE(placement);
  CHECK(std::get<deploy::Refusal>(placement.error()).message.find("no default VPC") !=
        std::string::npos);
}
