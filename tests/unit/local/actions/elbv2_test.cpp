#include <algorithm>

#include <doctest/doctest.h>

#include "elbv2_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace elbv2_test;

}  // namespace

TEST_CASE("a network load balancer becomes active and has AWS's shapes") {
  Fixture f;
  const auto made = f.ok(f.network_balancer("app-lb")).load_balancers.at(0);
  CHECK(
      made.load_balancer_arn ==
      "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/app-lb/0000000000000001");
  CHECK(made.state->code == "provisioning");
  CHECK(made.dns_name == "localhost");
  CHECK(made.vpc_id == "vpc-1");
  CHECK(made.availability_zones.size() == 2);
  f.fake.settle();
  CHECK(f.shown(*made.load_balancer_arn).state->code == "active");
  CHECK(f.ok(f.network_balancer("app-lb")).load_balancers.at(0).load_balancer_arn ==
        made.load_balancer_arn);
  auto other = f.network_balancer("app-lb");
  other.scheme = "internal";
  CHECK(f.error(other) == "DuplicateLoadBalancerName");
}

TEST_CASE("what a load balancer cannot be is refused by name") {
  Fixture f;
  auto request = f.network_balancer("-bad-");
  CHECK(f.error(request) == "ValidationError");
  request = f.network_balancer("good");
  request.type = "gateway";
  CHECK(f.error(request) == "InvalidConfigurationRequest");
  request.type = "application";
  request.subnets = {"subnet-a"};
  CHECK(f.error(request) == "ValidationError");
  request = f.network_balancer("good");
  request.subnets = {"nowhere"};
  CHECK(f.error(request) == "SubnetNotFound");
  request.subnets = {};
  CHECK(f.error(request) == "ValidationError");
  request.subnets = {"subnet-a", "subnet-a"};
  CHECK(f.error(request) == "InvalidConfigurationRequest");
}

TEST_CASE("targets go from initial to healthy, draining and gone") {
  Fixture f;
  const std::string group = f.make_group();
  std::vector<std::string> observed;
  f.module.on_targets_changed([&](const std::string& arn) { observed.push_back(arn); });
  f.enlist(group, "10.0.0.1");
  CHECK(f.health(group) == "10.0.0.1:5000 unused Target.NotInUse");
  CHECK(f.plane.desired.groups.empty());
  const std::string lb = f.make_balancer();
  f.make_listener(lb, group);
  CHECK(f.health(group) == "10.0.0.1:5000 initial Elb.InitialHealthChecking");
  REQUIRE(f.plane.desired.groups.size() == 1);
  CHECK(f.plane.desired.groups[0].targets[0].address == balancer::TargetAddress{"10.0.0.1", 5000});

  f.report(group, "10.0.0.1", balancer::Health::healthy);
  CHECK(f.health(group) == "10.0.0.1:5000 healthy");
  f.report(group, "10.0.0.1", balancer::Health::unhealthy, "Target.FailedHealthChecks");
  CHECK(f.health(group) == "10.0.0.1:5000 unhealthy Target.FailedHealthChecks");

  f.dismiss(group, "10.0.0.1");
  CHECK(f.health(group) == "10.0.0.1:5000 draining Target.DeregistrationInProgress");
  CHECK(f.plane.desired.groups[0].targets[0].draining);
  f.report(group, "10.0.0.1", balancer::Health::healthy);  // late news
  CHECK(f.health(group) == "10.0.0.1:5000 draining Target.DeregistrationInProgress");
  f.fake.advance(299s);
  CHECK(f.health(group) != "");
  f.fake.advance(2s);
  CHECK(f.health(group) == "");
  wire::TargetDescription asked;
  asked.id = "10.0.0.1";
  CHECK(f.health(group, {asked}) == "10.0.0.1:5000 unused Target.NotRegistered");
  CHECK(observed == std::vector<std::string>{group, group, group});
}

TEST_CASE("draining ends early with the last connection, and by registering again") {
  Fixture f;
  const std::string group = f.make_group();
  f.make_listener(f.make_balancer(), group);
  f.enlist(group, "10.0.0.1");
  f.enlist(group, "10.0.0.2");
  f.dismiss(group, "10.0.0.1");
  f.dismiss(group, "10.0.0.2");
  f.module.drained(group, {"10.0.0.1", 5000});
  CHECK(f.health(group) == "10.0.0.2:5000 draining Target.DeregistrationInProgress");
  f.enlist(group, "10.0.0.2");
  f.module.drained(group, {"10.0.0.2", 5000});
  f.fake.advance(400s);
  CHECK(f.health(group) == "10.0.0.2:5000 initial Elb.InitialHealthChecking");
}

TEST_CASE("the time scale shortens waits but not the time a program may take to start") {
  Fixture f;
  f.fake.context.time_scale = 0.025;
  const std::string group = f.make_group();
  f.make_listener(f.make_balancer(), group);
  f.enlist(group, "10.0.0.1");
  const balancer::HealthCheck& check = f.plane.desired.groups.at(0).check;
  CHECK(check.interval == 750ms);
  CHECK(check.patience == 60s);
  CHECK(check.timeout == 10s);
  CHECK(check.healthy_threshold == 5);
  CHECK(check.unhealthy_threshold == 2);
  f.dismiss(group, "10.0.0.1");
  f.fake.advance(7600ms);
  CHECK(f.health(group) == "");
}

TEST_CASE("listeners bind where there is room, and say so") {
  Fixture f;
  f.plane.taken = {80};
  f.plane.gone = {81};
  const std::string lb = f.make_balancer();
  const std::string group = f.make_group();
  const std::string listener = f.make_listener(lb, group, 80);
  CHECK(f.plane.open[listener] == "127.0.0.2:80");
  CHECK(f.shown(lb).dns_name == "127.0.0.2");
  const std::string second = f.make_listener(lb, group, 8080);
  CHECK(f.plane.open[second] == "127.0.0.2:8080");
  CHECK(f.error(Fixture::listener_request(lb, group, 81)) == "InvalidConfigurationRequest");
  CHECK(f.error(Fixture::listener_request(lb, group, 80)) == "DuplicateListener");
  CHECK(f.error(Fixture::listener_request(f.make_balancer("other"), group, 90)) ==
        "TargetGroupAssociationLimit");
  auto udp = Fixture::listener_request(lb, group, 53);
  udp.protocol = "UDP";
  CHECK(f.error(udp) == "IncompatibleProtocols");
  udp.protocol = "QUIC";
  CHECK(f.error(udp) == "UnsupportedProtocol");
  auto redirect = Fixture::listener_request(lb, group, 90);
  redirect.default_actions[0].type = "redirect";
  CHECK(f.error(redirect) == "InvalidLoadBalancerAction");
}

TEST_CASE("what is in use cannot go; what is gone can go again") {
  Fixture f;
  const std::string lb = f.make_balancer();
  const std::string group = f.make_group();
  const std::string listener = f.make_listener(lb, group);
  wire::DeleteTargetGroupRequest delete_group;
  delete_group.target_group_arn = group;
  CHECK(f.error(delete_group) == "ResourceInUse");
  wire::DeleteLoadBalancerRequest delete_lb;
  delete_lb.load_balancer_arn = lb;
  f.ok(delete_lb);
  CHECK(f.plane.open.empty());
  f.ok(delete_lb);
  f.ok(delete_group);
  f.ok(delete_group);
  wire::DeleteListenerRequest delete_listener;
  delete_listener.listener_arn = listener;
  CHECK(f.error(delete_listener) == "ListenerNotFound");
  wire::DescribeTargetHealthRequest health;
  health.target_group_arn = group;
  CHECK(f.error(health) == "TargetGroupNotFound");
  wire::DescribeLoadBalancersRequest describe;
  describe.names = {"lb"};
  CHECK(f.error(describe) == "LoadBalancerNotFound");
  describe.names = {};
  describe.load_balancer_arns = {"nonsense"};
  CHECK(f.error(describe) == "ValidationError");
  CHECK(f.fake.store.count("elbv2.loadbalancer") == 0);
  CHECK(f.fake.store.count("elbv2.listener") == 0);
  CHECK(f.fake.store.count("elbv2.targetgroup") == 0);
}

TEST_CASE("target groups have AWS's defaults and rules") {
  Fixture f;
  const auto tcp = f.ok(f.tcp_group()).target_groups.at(0);
  CHECK(tcp.health_check_protocol == "TCP");
  CHECK(tcp.health_check_port == "traffic-port");
  CHECK(tcp.health_check_timeout_seconds == 10);
  CHECK_FALSE(tcp.health_check_path.has_value());
  CHECK(f.ok(f.tcp_group()).target_groups.at(0).target_group_arn == tcp.target_group_arn);
  auto request = f.tcp_group();
  request.port = 1;
  CHECK(f.error(request) == "DuplicateTargetGroupName");
  request = f.tcp_group("checked");
  request.health_check_protocol = "HTTP";
  const auto checked = f.ok(request).target_groups.at(0);
  CHECK(checked.matcher->http_code == "200-399");
  CHECK(checked.health_check_path == "/");
  CHECK(checked.health_check_timeout_seconds == 6);
  request = f.tcp_group("x");
  request.vpc_id.reset();
  CHECK(f.error(request) == "ValidationError");
  request = f.tcp_group("x");
  request.target_type = "instance";
  CHECK(f.error(request) == "InvalidConfigurationRequest");
  request = f.tcp_group("x");
  request.health_check_port = "0";
  CHECK(f.error(request) == "ValidationError");
  request = f.tcp_group("x");
  request.health_check_enabled = false;
  CHECK(f.error(request) == "ValidationError");
}

TEST_CASE("attributes are known ones, and what is not done is refused") {
  Fixture f;
  const std::string group = f.make_group();
  wire::ModifyTargetGroupAttributesRequest modify;
  modify.target_group_arn = group;
  modify.attributes = {{"deregistration_delay.timeout_seconds", "10"}};
  const auto attributes = f.ok(modify).attributes;
  CHECK(std::ranges::any_of(attributes, [](const auto& a) {
    return a.key == "deregistration_delay.timeout_seconds" && a.value == "10";
  }));
  modify.attributes = {{"no.such.thing", "1"}};
  CHECK(f.error(modify) == "ValidationError");
  modify.attributes = {{"proxy_protocol_v2.enabled", "true"}};
  CHECK(f.error(modify) == "InvalidConfigurationRequest");
  wire::ModifyLoadBalancerAttributesRequest protect;
  protect.load_balancer_arn = f.make_balancer();
  protect.attributes = {{"deletion_protection.enabled", "true"}};
  f.ok(protect);
  wire::DeleteLoadBalancerRequest remove;
  remove.load_balancer_arn = protect.load_balancer_arn;
  CHECK(f.error(remove) == "OperationNotPermitted");
}

TEST_CASE("lists come in pages") {
  Fixture f;
  for (const char* name : {"a", "b", "c"}) {
    f.make_group(name);
  }
  wire::DescribeTargetGroupsRequest request;
  request.page_size = 2;
  auto first = f.ok(request);
  CHECK(first.target_groups.size() == 2);
  request.marker = first.next_marker;
  auto second = f.ok(request);
  CHECK(second.target_groups.size() == 1);
  CHECK_FALSE(second.next_marker.has_value());
}

TEST_CASE("after a restart listeners are open again and targets are asked anew") {
  Fixture before;
  const std::string lb = before.make_balancer();
  const std::string group = before.make_group();
  const std::string listener = before.make_listener(lb, group);
  before.enlist(group, "10.0.0.1");
  before.enlist(group, "10.0.0.2");
  before.report(group, "10.0.0.1", balancer::Health::healthy);
  before.dismiss(group, "10.0.0.2");
  wire::AddTagsRequest tag;
  tag.resource_arns = {listener};
  tag.tags = {{"k", "v"}};
  before.ok(tag);

  Fixture after(before.fake.store);
  CHECK(after.plane.open[listener] == "127.0.0.1:80");
  CHECK(after.health(group) ==
        "10.0.0.1:5000 initial Elb.InitialHealthChecking, 10.0.0.2:5000 draining "
        "Target.DeregistrationInProgress");
  after.fake.advance(301s);
  CHECK(after.health(group) == "10.0.0.1:5000 initial Elb.InitialHealthChecking");
  CHECK(after.shown(lb).state->code == "active");
  wire::DescribeTagsRequest tags;
  tags.resource_arns = {listener};
  CHECK(after.ok(tags).tag_descriptions.at(0).tags.at(0).value == "v");
  wire::DescribeRulesRequest rules;
  rules.listener_arn = listener;
  CHECK(after.ok(rules).rules.at(0).is_default == true);
}

TEST_CASE("a port that was taken meanwhile is tried again") {
  Fixture before;
  const std::string lb = before.make_balancer();
  const std::string listener = before.make_listener(lb, before.make_group());
  before.plane.gone = {80};
  before.plane.open.clear();
  local::Elbv2 again(before.fake.context, before.actions, before.certificates, before.plane);
  local::ActionTable table;
  again.add_actions(table);
  again.restore();
  wire::DescribeLoadBalancersRequest describe;
  CHECK(table.call(describe)->load_balancers.at(0).state->code == "active_impaired");
  before.plane.gone.clear();
  before.fake.advance(1s);
  CHECK(before.plane.open.contains(listener));
  CHECK(table.call(describe)->load_balancers.at(0).state->code == "active");
}
