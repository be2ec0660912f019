#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "awsapi/ec2.hpp"
#include "local/actions/elbv2.hpp"
#include "support/fake_context.hpp"

namespace elbv2_test {

namespace wire = awsapi::elbv2;
namespace balancer = local::balancer;

// Remembers what it was asked for; ports in `taken` are taken on 127.0.0.1, those in `gone`
// everywhere.
class FakeDataPlane final : public balancer::DataPlane {
 public:
  util::Result<std::string, balancer::BindError> open_listener(
      const std::string& id,
      balancer::ListenerKind /*kind*/,
      const std::vector<std::string>& hosts,
      std::uint16_t port) override {
    if (reserved.contains(port)) {
      return util::unexpected(
          balancer::BindError{balancer::BindError::Kind::forbidden, "Port is reserved."});
    }
    if (gone.contains(port)) {
      return util::unexpected(
          balancer::BindError{balancer::BindError::Kind::taken, "Port is in use."});
    }
    for (const std::string& host : hosts) {
      if (host != "127.0.0.1" || !taken.contains(port)) {
        open[id] = host + ":" + std::to_string(port);
        return host;
      }
    }
    return util::unexpected(
        balancer::BindError{balancer::BindError::Kind::taken, "Port is in use."});
  }

  void close_listener(const std::string& id) override { open.erase(id); }

  void apply(balancer::Desired wanted) override { desired = std::move(wanted); }

  std::set<std::uint16_t> taken;
  std::set<std::uint16_t> gone;
  std::set<std::uint16_t> reserved;
  std::map<std::string, std::string> open;
  balancer::Desired desired;
};

// Has every certificate of this account whose ARN ends in "good".
class FakeCertificates final : public local::CertificateSource {
 public:
  std::shared_ptr<const balancer::KeyPair> key_pair(const std::string& arn) override {
    return arn.ends_with("good") ? std::make_shared<const balancer::KeyPair>() : nullptr;
  }

  std::shared_ptr<const balancer::KeyPair> stand_in(
      const std::vector<std::string>& names) override {
    asked = names;
    return std::make_shared<const balancer::KeyPair>();
  }

  std::vector<std::string> asked;
};

inline constexpr const char* kGoodCertificate =
    "arn:aws:acm:us-east-1:000000000000:certificate/good";

struct Fixture {
  test::FakeContext fake;
  FakeDataPlane plane;
  local::ActionTable actions;
  FakeCertificates certificates;
  local::Elbv2 module{fake.context, actions, certificates, plane};

  Fixture() { start(); }

  explicit Fixture(test::MemoryStore& before) {
    for (const char* kind : {"elbv2.loadbalancer", "elbv2.listener", "elbv2.targetgroup"}) {
      before.each(kind, [&](const std::string& id, const doc::Node& body) {
        fake.store.put(kind, id, body);
      });
    }
    start();
    module.restore();
  }

  void start() {
    module.add_actions(actions);
    using Subnets = awsapi::ec2::DescribeSubnetsRequest;
    actions.add<Subnets>(
        [](const Subnets& request) -> util::Result<Subnets::Response, local::ApiError> {
          Subnets::Response response;
          for (const std::string& id : request.subnet_ids) {
            if (!id.starts_with("subnet-")) {
              return util::unexpected(local::ApiError{"InvalidSubnetID.NotFound", "no " + id, 400});
            }
            auto& subnet = response.subnets.emplace_back();
            subnet.subnet_id = id;
            subnet.vpc_id = "vpc-1";
            subnet.availability_zone = "us-east-1" + id.substr(7);
          }
          return response;
        });
  }

  template <class Request>
  typename Request::Response ok(const Request& request) {
    auto response = actions.call(request);
    if (!response) {
      FAIL(response.error().code << ": " << response.error().message);
    }
    return *response;
  }

  template <class Request>
  std::string error(const Request& request) {
    const auto response = actions.call(request);
    return response ? "no error" : response.error().code;
  }

  wire::CreateLoadBalancerRequest network_balancer(std::string name) {
    wire::CreateLoadBalancerRequest request;
    request.name = std::move(name);
    request.type = "network";
    request.subnets = {"subnet-a", "subnet-b"};
    return request;
  }

  std::string make_application(std::string name = "web") {
    auto request = network_balancer(std::move(name));
    request.type = "application";
    return *ok(request).load_balancers.at(0).load_balancer_arn;
  }

  std::string make_http_group(std::string name = "http") {
    auto request = tcp_group(std::move(name));
    request.protocol = "HTTP";
    return *ok(request).target_groups.at(0).target_group_arn;
  }

  // Forwards to `group`.
  std::string make_http_listener(const std::string& lb, const std::string& group, int port = 80) {
    auto request = listener_request(lb, group, port);
    request.protocol = "HTTP";
    return *ok(request).listeners.at(0).listener_arn;
  }

  std::string make_balancer(std::string name = "lb") {
    return *ok(network_balancer(std::move(name))).load_balancers.at(0).load_balancer_arn;
  }

  wire::CreateTargetGroupRequest tcp_group(std::string name = "web") {
    wire::CreateTargetGroupRequest request;
    request.name = std::move(name);
    request.protocol = "TCP";
    request.port = 5000;
    request.vpc_id = "vpc-1";
    request.target_type = "ip";
    return request;
  }

  std::string make_group(std::string name = "web") {
    return *ok(tcp_group(std::move(name))).target_groups.at(0).target_group_arn;
  }

  static wire::CreateListenerRequest listener_request(const std::string& lb,
                                                      const std::string& group,
                                                      int port = 80) {
    wire::CreateListenerRequest request;
    request.load_balancer_arn = lb;
    request.protocol = "TCP";
    request.port = port;
    auto& action = request.default_actions.emplace_back();
    action.type = "forward";
    action.target_group_arn = group;
    return request;
  }

  std::string make_listener(const std::string& lb, const std::string& group, int port = 80) {
    return *ok(listener_request(lb, group, port)).listeners.at(0).listener_arn;
  }

  void enlist(const std::string& group, const std::string& ip) {
    wire::RegisterTargetsRequest request;
    request.target_group_arn = group;
    request.targets.emplace_back().id = ip;
    ok(request);
  }

  void dismiss(const std::string& group, const std::string& ip) {
    wire::DeregisterTargetsRequest request;
    request.target_group_arn = group;
    request.targets.emplace_back().id = ip;
    ok(request);
  }

  // "10.0.0.1:5000 healthy, ..."
  std::string health(const std::string& group, std::vector<wire::TargetDescription> targets = {}) {
    wire::DescribeTargetHealthRequest request;
    request.target_group_arn = group;
    request.targets = std::move(targets);
    std::string out;
    for (const auto& one : ok(request).target_health_descriptions) {
      out += (out.empty() ? "" : ", ") + one.target->id + ":" + std::to_string(*one.target->port) +
             " " + *one.target_health->state;
      out += one.target_health->reason ? " " + *one.target_health->reason : "";
    }
    return out;
  }

  void report(const std::string& group,
              const std::string& ip,
              balancer::Health health,
              const std::string& reason = "") {
    module.health_changed({group, {ip, 5000}, health, reason, ""});
  }

  wire::LoadBalancer shown(const std::string& arn) {
    wire::DescribeLoadBalancersRequest request;
    request.load_balancer_arns = {arn};
    return ok(request).load_balancers.at(0);
  }
};

}  // namespace elbv2_test
