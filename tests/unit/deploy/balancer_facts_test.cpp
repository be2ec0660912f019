#include "deploy/balancer_facts.hpp"

#include <doctest/doctest.h>

#include "scripted_api.hpp"

namespace {

std::string message_of(const util::Result<deploy::BalancerFacts, deploy::PlacementProblem>& found) {
  REQUIRE_FALSE(found);
  return std::get<deploy::Refusal>(found.error()).message;
}

}  // namespace

TEST_CASE("an existing load balancer is found by name or ARN") {
  test::ScriptedApi api;
  api.answer(
      "DescribeLoadBalancers",
      R"({"LoadBalancers":[{"LoadBalancerArn":"arn:lb","DNSName":"shared.example","CanonicalHostedZoneId":"Z1",)"
      R"("VpcId":"vpc-9","Type":"application","SecurityGroups":["sg-1","sg-2"]}]})");
  const auto found = deploy::find_balancer(api, "shared", "application");
  REQUIRE(found);
  CHECK(found->arn == "arn:lb");
  CHECK(found->group == "sg-1");
  CHECK(found->vpc_id == "vpc-9");
  CHECK(deploy::find_balancer(api, "arn:lb", "application"));
  CHECK(api.calls_of("DescribeLoadBalancers").front() == R"({"Names":["shared"]})");
  CHECK(api.calls_of("DescribeLoadBalancers").back() == R"({"LoadBalancerArns":["arn:lb"]})");
  CHECK(message_of(deploy::find_balancer(api, "shared", "network")) ==
        "load balancer `shared` is of type application, but the ports need type network");
}

TEST_CASE("a load balancer that is not there, or that tasks cannot trust, is refused") {
  test::ScriptedApi api;
  api.fail("DescribeLoadBalancers", {deploy::ApiError::Kind::answered, "LoadBalancerNotFound", ""});
  CHECK(message_of(deploy::find_balancer(api, "gone", "network")) ==
        "there is no load balancer `gone` in this region");
  test::ScriptedApi bare;
  bare.answer("DescribeLoadBalancers", R"({"LoadBalancers":[{"Type":"network"}]})");
  CHECK(message_of(deploy::find_balancer(bare, "old", "network")).find("no security group") !=
        std::string::npos);
}
