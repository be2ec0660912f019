#include "convert/load_balancer.hpp"

#include <algorithm>
#include <array>

#include "convert/placement.hpp"

namespace convert {
namespace {

doc::Node attribute(std::string_view key, std::string_view value) {
  return Fields().add("Key", key).add("Value", value).node();
}

// The only rules of a project that are open to the world: the listeners' ports on the load balancer
// itself.
doc::Node listener_rules(const std::vector<PublishedPort>& ports) {
  doc::Sequence rules;
  for (const PublishedPort& port : ports) {
    rules.items.push_back(
        Fields()
            .add("CidrIp", "0.0.0.0/0")
            .add("Description", port.service->name + ":" + std::to_string(port.target))
            .add("IpProtocol", port.protocol == "UDP" ? "udp" : "tcp")
            .add("FromPort", std::int64_t{port.published})
            .add("ToPort", std::int64_t{port.published})
            .node());
  }
  return doc::Node(std::move(rules));
}

void add_balancer(Builder& builder, const std::vector<PublishedPort>& ports) {
  builder.add(resource(
      cloudformation::LogicalId{"LoadBalancerSecurityGroup"},
      "AWS::EC2::SecurityGroup",
      Fields()
          .add("GroupDescription", "Load balancer of Compose project " + builder.project().name)
          .add("VpcId", vpc_id(builder.project()))
          .add("SecurityGroupIngress", listener_rules(ports))
          .add("Tags", builder.tags())));
  builder.add(
      resource(cloudformation::LogicalId{"LoadBalancer"},
               "AWS::ElasticLoadBalancingV2::LoadBalancer",
               Fields()
                   .add("Type", "network")
                   .add("Scheme", "internet-facing")
                   .add("Subnets", balancer_subnets(builder.project()))
                   .add("SecurityGroups",
                        items(cloudformation::get_att("LoadBalancerSecurityGroup", "GroupId")))
                   .add("LoadBalancerAttributes",
                        items(attribute("load_balancing.cross_zone.enabled", "true")))
                   .add("Tags", builder.tags())));
}

void add_target_group(Builder& builder, const PublishedPort& port) {
  builder.add(resource(port.id("TargetGroup"),
                       "AWS::ElasticLoadBalancingV2::TargetGroup",
                       Fields()
                           .add("TargetType", "ip")
                           .add("Protocol", port.protocol)
                           .add("Port", std::int64_t{port.target})
                           .add("VpcId", vpc_id(builder.project()))
                           .add("HealthCheckProtocol", "TCP")
                           .add("HealthCheckIntervalSeconds", 10)
                           .add("HealthyThresholdCount", 2)
                           .add("UnhealthyThresholdCount", 2)
                           .add("TargetGroupAttributes",
                                items(attribute("deregistration_delay.timeout_seconds", "30")))
                           .add("Tags", builder.tags("service", port.service->name)),
                       port.span));
}

void add_listener(Builder& builder, const PublishedPort& port) {
  doc::Node target =
      Fields().add("TargetGroupArn", cloudformation::ref(port.id("TargetGroup").str())).node();
  builder.add(resource(
      port.id("Listener"),
      "AWS::ElasticLoadBalancingV2::Listener",
      Fields()
          .add("LoadBalancerArn", cloudformation::ref("LoadBalancer"))
          .add("Port", std::int64_t{port.published})
          .add("Protocol", port.protocol)
          .add("DefaultActions",
               items(Fields()
                         .add("Type", "forward")
                         .add("ForwardConfig",
                              Fields().add("TargetGroups", items(std::move(target))).node())
                         .node())),
      port.span));
}

// A guess for people to click on: what commonly listens on a port.
std::string_view url_scheme(const PublishedPort& port) {
  constexpr std::array<std::uint32_t, 16> kNotHttp = {
      21, 22, 25, 53, 110, 143, 389, 587, 993, 1433, 1883, 3306, 5432, 5672, 6379, 27017};
  if (port.protocol != "TCP") {
    return "udp";
  }
  if (port.target == 443 || port.target == 8443 || port.published == 443) {
    return "https";
  }
  const bool other = std::find(kNotHttp.begin(), kNotHttp.end(), port.target) != kNotHttp.end();
  return other ? "tcp" : "http";
}

void add_address_output(Builder& builder, const PublishedPort& port) {
  const std::string_view scheme = url_scheme(port);
  const bool implied =
      (scheme == "http" && port.published == 80) || (scheme == "https" && port.published == 443);
  builder.add_output(port.id("Url").str(),
                     "Where port " + std::to_string(port.target) + " of service " +
                         port.service->name + " is reached",
                     cloudformation::sub(std::string(scheme) + "://${LoadBalancer.DNSName}" +
                                         (implied ? "" : ":" + std::to_string(port.published))));
}

// UDP targets are checked by TCP, which a service that speaks UDP alone does not answer.
void check_health_port(Builder& builder, const PublishedPort& port) {
  if (port.protocol == "UDP") {
    builder.warning("convert.approximated",
                    port.span,
                    "the load balancer checks the health of `" + port.service->name +
                        "` by a TCP connection to port " + std::to_string(port.target),
                    "let the service accept TCP on this port too");
  }
}

}  // namespace

void add_load_balancer(Builder& builder, const std::vector<PublishedPort>& ports) {
  if (ports.empty()) {
    return;
  }
  add_balancer(builder, ports);
  for (const PublishedPort& port : ports) {
    check_health_port(builder, port);
    add_target_group(builder, port);
    add_listener(builder, port);
    add_address_output(builder, port);
  }
}

}  // namespace convert
