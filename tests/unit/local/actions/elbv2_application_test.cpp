#include <algorithm>

#include <doctest/doctest.h>

#include "doc/json_reader.hpp"
#include "elbv2_fixture.hpp"
#include "local/providers/provider.hpp"

namespace {

using namespace std::chrono_literals;
using namespace elbv2_test;

wire::RuleCondition condition(const char* field, std::vector<std::string> values) {
  wire::RuleCondition out;
  out.field = field;
  out.values = std::move(values);
  return out;
}

wire::Action forward_to(const std::string& group) {
  wire::Action action;
  action.type = "forward";
  action.target_group_arn = group;
  return action;
}

wire::Action redirect_to_https() {
  wire::Action action;
  action.type = "redirect";
  auto& config = action.redirect_config.emplace();
  config.protocol = "HTTPS";
  config.port = "443";
  config.status_code = "HTTP_301";
  return action;
}

wire::Action fixed(const char* status) {
  wire::Action action;
  action.type = "fixed-response";
  action.fixed_response_config.emplace().status_code = status;
  return action;
}

wire::CreateRuleRequest rule_request(const std::string& listener,
                                     int priority,
                                     const std::string& group,
                                     std::vector<wire::RuleCondition> conditions) {
  wire::CreateRuleRequest request;
  request.listener_arn = listener;
  request.priority = priority;
  request.conditions = std::move(conditions);
  request.actions = {forward_to(group)};
  return request;
}

struct Application : Fixture {
  std::string lb = make_application();
  std::string group = make_http_group();
  std::string listener = make_http_listener(lb, group);

  const balancer::ListenerSpec& spec() { return plane.desired.listeners.at(0); }
};

}  // namespace

TEST_CASE("rules are kept in order of priority, the default one last, and reach the data plane") {
  Application f;
  const std::string api = f.make_http_group("api");
  f.ok(rule_request(f.listener, 20, api, {condition("path-pattern", {"/api/*"})}));
  const auto made = f.ok(rule_request(f.listener,
                                      10,
                                      api,
                                      {condition("host-header", {"a.localhost"}),
                                       condition("http-request-method", {"GET"})}))
                        .rules.at(0);
  CHECK(made.priority == "10");
  CHECK(made.is_default == false);
  CHECK(made.rule_arn->find(":listener-rule/app/web/") != std::string::npos);
  CHECK(made.conditions.at(0).host_header_config->values.at(0) == "a.localhost");
  CHECK(made.actions.at(0).forward_config->target_groups.at(0).weight == 1);
  wire::DescribeRulesRequest describe;
  describe.listener_arn = f.listener;
  std::string priorities;
  for (const auto& rule : f.ok(describe).rules) {
    priorities += *rule.priority + " ";
  }
  CHECK(priorities == "10 20 default ");
  REQUIRE(f.spec().rules.size() == 3);
  CHECK(f.spec().kind == balancer::ListenerKind::http);
  CHECK(f.spec().rules[0].conditions.size() == 2);
  CHECK(f.spec().rules[1].conditions[0].values.at(0) == "/api/*");
  CHECK(f.spec().rules[2].conditions.empty());
  CHECK(f.plane.desired.groups.size() == 2);

  wire::SetRulePrioritiesRequest order;
  order.rule_priorities = {{made.rule_arn, 30}};
  f.ok(order);
  CHECK(f.spec().rules[0].conditions[0].values.at(0) == "/api/*");
  order.rule_priorities = {{made.rule_arn, 20}};
  CHECK(f.error(order) == "PriorityInUse");

  wire::DeleteTargetGroupRequest delete_group;
  delete_group.target_group_arn = api;
  CHECK(f.error(delete_group) == "ResourceInUse");
  wire::DeleteRuleRequest remove;
  remove.rule_arn = *made.rule_arn;
  f.ok(remove);
  CHECK(f.error(remove) == "RuleNotFound");
  CHECK(f.spec().rules.size() == 2);
}

TEST_CASE("a rule that AWS refuses is refused in its words") {
  Application f;
  const auto path = condition("path-pattern", {"/x"});
  f.ok(rule_request(f.listener, 1, f.group, {path}));
  CHECK(f.error(rule_request(f.listener, 1, f.group, {path})) == "PriorityInUse");
  CHECK(f.error(rule_request(f.listener, 2, "arn:x:targetgroup/none", {path})) ==
        "TargetGroupNotFound");
  const auto refused = [&](std::vector<wire::RuleCondition> conditions) {
    return f.error(rule_request(f.listener, 2, f.group, std::move(conditions)));
  };
  CHECK(refused({}) == "ValidationError");
  CHECK(refused({condition("host-header", {})}) == "ValidationError");
  CHECK(refused({condition("colour", {"red"})}) == "ValidationError");
  CHECK(refused({condition("host-header", {"a b"})}) == "ValidationError");
  CHECK(refused({path, path}) == "ValidationError");
  CHECK(refused({condition("source-ip", {"10.0.0.0"})}) == "ValidationError");
  CHECK(refused({condition("path-pattern", {"/1", "/2", "/3", "/4", "/5", "/6"})}) ==
        "ValidationError");
  CHECK(refused({condition("path-pattern", {"/*/*/*/*/*/*"})}) == "ValidationError");
  auto regex = condition("path-pattern", {});
  regex.regex_values = {"^/(?=x)$"};
  CHECK(refused({regex}) == "InvalidConfigurationRequest");
  auto request = rule_request(f.listener, 2, f.group, {path});
  request.transforms.emplace_back().type = "url-rewrite";
  CHECK(f.error(request) == "ValidationError");
  request.transforms.front().url_rewrite_config.emplace().rewrites = {{"(a", "b"}};
  CHECK(f.error(request) == "InvalidConfigurationRequest");
  request.transforms.clear();
  request.actions.front().type = "authenticate-oidc";
  CHECK(f.error(request) == "InvalidLoadBalancerAction");
  request.actions = {fixed("404"), fixed("404")};
  CHECK(f.error(request) == "TooManyActions");
  wire::DescribeRulesRequest describe;
  describe.listener_arn = f.listener;
  wire::DeleteRuleRequest remove;
  remove.rule_arn = *f.ok(describe).rules.back().rule_arn;
  CHECK(f.error(remove) == "OperationNotPermitted");
}

TEST_CASE("redirects and fixed responses need no target group") {
  Application f;
  auto request = Fixture::listener_request(f.lb, f.group, 8080);
  request.protocol = "HTTP";
  request.default_actions = {redirect_to_https()};
  f.ok(request);
  request.port = 8081;
  request.default_actions.front().redirect_config = wire::RedirectActionConfig{};
  request.default_actions.front().redirect_config->status_code = "HTTP_301";
  CHECK(f.error(request) == "InvalidLoadBalancerAction");
  request.default_actions = {fixed("404")};
  f.ok(request);
  request.port = 8082;
  request.default_actions.front().fixed_response_config->content_type = "image/png";
  CHECK(f.error(request) == "InvalidLoadBalancerAction");
}

TEST_CASE("HTTPS listeners have certificates, others have none") {
  Application f;
  auto request = Fixture::listener_request(f.lb, f.group, 443);
  request.protocol = "HTTPS";
  CHECK(f.error(request) == "ValidationError");
  request.certificates.emplace_back().certificate_arn =
      "arn:aws:acm:us-east-1:000000000000:certificate/none";
  CHECK(f.error(request) == "CertificateNotFound");
  request.certificates.front().certificate_arn = kGoodCertificate;
  request.ssl_policy = "None-Such";
  CHECK(f.error(request) == "SSLPolicyNotFound");
  request.ssl_policy = "ELBSecurityPolicy-TLS13-1-3-2021-06";
  const std::string secure = *f.ok(request).listeners.at(0).listener_arn;
  const auto& spec =
      *std::ranges::find(f.plane.desired.listeners, secure, &balancer::ListenerSpec::id);
  CHECK(spec.kind == balancer::ListenerKind::https);
  CHECK(spec.tls13_only);
  CHECK(spec.certificates.size() == 1);
  CHECK(f.module.users_of_certificate(kGoodCertificate) == std::vector<std::string>{f.lb});

  wire::AddListenerCertificatesRequest add;
  add.listener_arn = secure;
  add.certificates.emplace_back().certificate_arn =
      "arn:aws:acm:us-east-1:000000000000:certificate/also-good";
  f.ok(add);
  wire::DescribeListenerCertificatesRequest describe;
  describe.listener_arn = secure;
  CHECK(f.ok(describe).certificates.size() == 2);
  wire::RemoveListenerCertificatesRequest remove;
  remove.listener_arn = secure;
  remove.certificates.emplace_back().certificate_arn = kGoodCertificate;
  CHECK(f.error(remove) == "OperationNotPermitted");
  remove.certificates = add.certificates;
  f.ok(remove);
  CHECK(f.ok(describe).certificates.size() == 1);
  add.listener_arn = f.listener;
  CHECK(f.error(add) == "OperationNotPermitted");
}

TEST_CASE("a certificate of another account is stood in for, with the names of the rules") {
  Application f;
  auto request = Fixture::listener_request(f.lb, f.group, 443);
  request.protocol = "HTTPS";
  request.certificates.emplace_back().certificate_arn =
      "arn:aws:acm:eu-west-1:123456789012:certificate/5f6e";
  const std::string secure = *f.ok(request).listeners.at(0).listener_arn;
  f.ok(rule_request(secure, 1, f.group, {condition("host-header", {"shop.example.com"})}));
  CHECK(f.certificates.asked == std::vector<std::string>{"shop.example.com"});
}

TEST_CASE("a reserved port is replaced by one above, and redirects lead there") {
  Fixture f;
  f.plane.reserved = {80, 443};
  const std::string lb = f.make_application();
  const std::string group = f.make_http_group();
  auto request = Fixture::listener_request(lb, group, 443);
  request.protocol = "HTTPS";
  request.certificates.emplace_back().certificate_arn = kGoodCertificate;
  const std::string secure = *f.ok(request).listeners.at(0).listener_arn;
  CHECK(f.plane.open[secure] == "127.0.0.1:8443");
  auto plain = Fixture::listener_request(lb, group, 80);
  plain.protocol = "HTTP";
  plain.default_actions = {redirect_to_https()};
  const std::string first = *f.ok(plain).listeners.at(0).listener_arn;
  CHECK(f.plane.open[first] == "127.0.0.1:8080");
  const auto& spec =
      *std::ranges::find(f.plane.desired.listeners, first, &balancer::ListenerSpec::id);
  CHECK(std::get<balancer::RedirectSpec>(spec.rules.at(0).action).port == "8443");
}

TEST_CASE("protocols of listeners and target groups fit each other") {
  Fixture f;
  const std::string lb = f.make_balancer();
  auto group = f.tcp_group("udp");
  group.protocol = "UDP";
  const std::string udp = *f.ok(group).target_groups.at(0).target_group_arn;
  auto listener = Fixture::listener_request(lb, udp, 53);
  listener.protocol = "UDP";
  f.ok(listener);
  CHECK(f.plane.desired.listeners.at(0).kind == balancer::ListenerKind::udp);
  listener.port = 54;
  listener.protocol = "TCP_UDP";
  CHECK(f.error(listener) == "IncompatibleProtocols");
  group.name = "both";
  group.protocol = "TCP_UDP";
  listener.default_actions.front().target_group_arn =
      *f.ok(group).target_groups.at(0).target_group_arn;
  f.ok(listener);
  group = f.tcp_group("grpc");
  group.protocol = "HTTP";
  group.protocol_version = "GRPC";
  CHECK(f.error(group) == "InvalidConfigurationRequest");
  group.protocol_version = "HTTP1";
  group.health_check_protocol = "TCP";
  CHECK(f.error(group) == "ValidationError");
  group.health_check_protocol.reset();
  group.health_check_enabled = false;
  CHECK(f.error(group) == "ValidationError");
  CHECK(f.error(rule_request(f.make_listener(lb, f.make_group("t"), 99),
                             1,
                             udp,
                             {condition("path-pattern", {"/"})})) == "ValidationError");
}

TEST_CASE("attributes of a load balancer and a target group shape how requests are served") {
  Application f;
  wire::ModifyLoadBalancerAttributesRequest modify;
  modify.load_balancer_arn = f.lb;
  modify.attributes = {{"idle_timeout.timeout_seconds", "5"},
                       {"routing.http.xff_header_processing.mode", "remove"}};
  f.ok(modify);
  CHECK(f.spec().http.idle_timeout == 5s);
  CHECK(f.spec().http.forwarded_for == balancer::ForwardedFor::remove);
  modify.attributes = {{"idle_timeout.timeout_seconds", "4001"}};
  CHECK(f.error(modify) == "ValidationError");
  modify.attributes = {{"access_logs.s3.enabled", "true"}};
  CHECK(f.error(modify) == "InvalidConfigurationRequest");

  wire::ModifyTargetGroupAttributesRequest sticky;
  sticky.target_group_arn = f.group;
  sticky.attributes = {{"stickiness.enabled", "true"}, {"stickiness.type", "app_cookie"}};
  CHECK(f.error(sticky) == "InvalidConfigurationRequest");
  sticky.attributes.push_back({"stickiness.app_cookie.cookie_name", "sid"});
  f.ok(sticky);
  const auto& group = f.plane.desired.groups.at(0);
  CHECK(group.sticky.kind == balancer::Stickiness::Kind::app_cookie);
  CHECK(group.sticky.cookie == "sid");
  CHECK_FALSE(group.least_busy);
  sticky.attributes = {{"slow_start.duration_seconds", "30"}};
  CHECK(f.error(sticky) == "InvalidConfigurationRequest");
}

TEST_CASE("rules, their tags and certificates survive a restart") {
  Application before;
  auto request =
      rule_request(before.listener, 5, before.group, {condition("path-pattern", {"/x"})});
  request.tags = {{"k", "v"}};
  const std::string rule = *before.ok(request).rules.at(0).rule_arn;
  Fixture after(before.fake.store);
  wire::DescribeRulesRequest describe;
  describe.rule_arns = {rule};
  CHECK(after.ok(describe).rules.at(0).priority == "5");
  wire::DescribeTagsRequest tags;
  tags.resource_arns = {rule};
  CHECK(after.ok(tags).tag_descriptions.at(0).tags.at(0).value == "v");
  CHECK(after.plane.desired.listeners.at(0).rules.size() == 2);
}

TEST_CASE("regular expressions and transforms reach the data plane") {
  Application f;
  auto regex = condition("path-pattern", {});
  regex.path_pattern_config.emplace().regex_values = {"^/v\\d+/"};
  auto request = rule_request(f.listener, 2, f.group, {regex});
  auto& transform = request.transforms.emplace_back();
  transform.type = "url-rewrite";
  transform.url_rewrite_config.emplace().rewrites = {{"^/v[0-9]+/?(.*)$", "/$1"}};
  const std::string rule = *f.ok(request).rules.at(0).rule_arn;
  REQUIRE(f.spec().rules.at(0).rewrites.size() == 1);
  CHECK(f.spec().rules[0].rewrites[0].regex->replaced("/v2/a?b", "/$1") == "/a?b");
  CHECK(f.spec().rules[0].conditions.at(0).regexes.at(0)->matches("/v12/x"));
  wire::ModifyRuleRequest modify;
  modify.rule_arn = rule;
  modify.reset_transforms = true;
  f.ok(modify);
  CHECK(f.spec().rules.at(0).rewrites.empty());
}

TEST_CASE("what the engine does not balance is found in a template before anything is made") {
  const auto found = [](const char* type, const char* json) {
    const auto node = doc::read_json(json);
    return local::unsupported_property(
               std::string("AWS::ElasticLoadBalancingV2::") + type, "X", *node)
        .value_or("");
  };
  CHECK(found("TargetGroup", R"({"Protocol": "HTTP", "ProtocolVersion": "GRPC"})")
            .ends_with("#/ProtocolVersion: the local engine does not do 'GRPC'"));
  CHECK(
      found("TargetGroup",
            R"({"Protocol": "HTTP", "TargetGroupAttributes": [{"Key": "a", "Value": {"Ref": "V"}},)"
            R"({"Key": "slow_start.duration_seconds", "Value": 30}]})")
          .find("#/TargetGroupAttributes/1: ") != std::string::npos);
  CHECK(found("Listener", R"({"Protocol": "HTTPS", "MutualAuthentication": {"Mode": "verify"}})")
            .ends_with("#/MutualAuthentication/Mode: the local engine does not do 'verify'"));
  CHECK(found("ListenerRule", R"({"Actions": [{"Type": "authenticate-oidc"}]})")
            .ends_with("#/Actions/0/Type: the local engine does not do 'authenticate-oidc'"));
  CHECK(found("ListenerRule",
              R"j({"Conditions": [{"Field": "path-pattern", "RegexValues": ["(?=x)"]}]})j")
            .find("#/Conditions/0/RegexValues/0: ") != std::string::npos);
  CHECK(found("LoadBalancer", R"({"Type": "gateway"})") != "");
  CHECK(found("LoadBalancer", R"({"Type": {"Ref": "Kind"}, "Subnets": {"Ref": "S"}})") == "");
}
