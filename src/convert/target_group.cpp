#include "convert/target_group.hpp"

#include <algorithm>
#include <chrono>

#include "convert/balancers.hpp"
#include "convert/placement.hpp"
#include "convert/target_health.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::int64_t kTargetInterval = 10;
constexpr std::int64_t kTargetTimeout = 5;
constexpr std::int64_t kLeastGrace = 60;

doc::Node attribute(std::string_view key, std::string value) {
  return Fields().add("Key", key).add("Value", std::move(value)).node();
}

struct Question {
  std::string protocol = "TCP";  // HTTP, HTTPS, TCP
  std::string path;
  std::string codes;
  std::uint32_t port = 0;
};

std::string default_protocol(const PublishedPort& port) {
  return port.balancer == Balancer::network ? "TCP" : (port.target_tls ? "HTTPS" : "HTTP");
}

// What the Compose health check asks, where the load balancer can ask the same: a port that is not
// the target's may be open to the container itself only, which a plain connection would not notice.
std::optional<HttpProbe> usable_probe(const PublishedPort& port) {
  auto probe = port.version == "GRPC" ? std::nullopt : http_probe(*port.service);
  const bool elsewhere = probe && probe->port != port.target;
  return elsewhere && port.balancer == Balancer::network ? std::nullopt : probe;
}

Question question_of(const PublishedPort& port) {
  const HealthProbe& said = port.ingress.health;
  Question out;
  out.protocol = default_protocol(port);
  out.port = port.target;
  if (said.path && out.protocol == "TCP") {
    out.protocol = "HTTP";
  }
  if (const auto probe = usable_probe(port); probe && !said.path) {
    out.protocol = probe->tls ? "HTTPS" : "HTTP";
    out.path = probe->path;
    out.port = probe->port;
  }
  if (said.protocol) {
    out.protocol = util::to_upper(said.protocol->value);
  }
  if (said.port) {
    out.port = static_cast<std::uint32_t>(said.port->value);
  }
  if (out.protocol == "TCP") {
    out.path.clear();
    return out;
  }
  if (said.path) {
    out.path = said.path->value;
  } else if (out.path.empty()) {
    out.path = port.version == "GRPC" ? "/AWS.ALB/healthcheck" : "/";
  }
  // gRPC: OK, or UNIMPLEMENTED by a server without the health service.
  out.codes = said.codes ? said.codes->value : (port.version == "GRPC" ? "0,12" : "200-399");
  return out;
}

void add_question(Fields& out, const PublishedPort& port, const Question& question) {
  const HealthProbe& said = port.ingress.health;
  const bool http = question.protocol != "TCP";
  const std::int64_t interval = said.interval ? said.interval->value : kTargetInterval;
  out.add("HealthCheckProtocol", question.protocol);
  if (http) {
    out.add("HealthCheckPath", question.path);
  }
  if (question.port != port.target) {
    out.add("HealthCheckPort", std::to_string(question.port));
  }
  out.add("HealthCheckIntervalSeconds", interval);
  if (said.timeout || http) {
    out.add("HealthCheckTimeoutSeconds",
            said.timeout ? said.timeout->value : std::min(kTargetTimeout, interval - 1));
  }
  out.add("HealthyThresholdCount", said.healthy ? said.healthy->value : 2)
      .add("UnhealthyThresholdCount",
           said.unhealthy ? said.unhealthy->value : (port.balancer == Balancer::network ? 2 : 3));
  if (http) {
    out.add("Matcher",
            Fields().add(port.version == "GRPC" ? "GrpcCode" : "HttpCode", question.codes).node());
  }
}

doc::Node attributes(const PublishedPort& port) {
  doc::Sequence out;
  out.items.push_back(attribute("deregistration_delay.timeout_seconds", "30"));
  if (!port.ingress.sticky) {
    return doc::Node(std::move(out));
  }
  out.items.push_back(attribute("stickiness.enabled", "true"));
  if (port.balancer == Balancer::network) {
    out.items.push_back(attribute("stickiness.type", "source_ip"));
  } else {
    out.items.push_back(attribute("stickiness.type", "lb_cookie"));
    out.items.push_back(attribute("stickiness.lb_cookie.duration_seconds",
                                  std::to_string(port.ingress.sticky->value)));
  }
  return doc::Node(std::move(out));
}

void check_question(Builder& builder, const PublishedPort& port, const Question& question) {
  if (port.is_udp_only() && !port.ingress.health.port && !port.ingress.health.path &&
      question.protocol == "TCP") {
    builder.warning("convert.approximated",
                    port.span,
                    "the load balancer checks the health of `" + port.service->name +
                        "` by a TCP connection to port " + std::to_string(question.port),
                    "let the service accept TCP on this port too, or name another one with "
                    "`x-aws-healthcheck: {port: …}`");
  }
  if (question.protocol == "TCP" && port.balancer == Balancer::application) {
    builder.error("convert.bad-ingress",
                  port.ingress.health.protocol ? port.ingress.health.protocol->span : port.span,
                  "an Application Load Balancer asks for health over HTTP only",
                  "leave `protocol` out, or say `x-aws-protocol: tcp` for the port");
  }
  if (port.ingress.sticky && port.balancer == Balancer::network) {
    builder.note("convert.approximated",
                 port.ingress.sticky->span,
                 "clients of a TCP port stick by their address, for as long as there is a "
                 "connection");
  }
}

std::string_view group_protocol(const PublishedPort& port) {
  if (port.balancer == Balancer::network) {
    return port.protocol;
  }
  return port.target_tls ? "HTTPS" : "HTTP";
}

}  // namespace

void add_target_group(Builder& builder, const PublishedPort& port) {
  const Question question = question_of(port);
  check_question(builder, port, question);
  Fields properties;
  properties.add("TargetType", "ip").add("Protocol", group_protocol(port));
  if (!port.version.empty()) {
    properties.add("ProtocolVersion", port.version);
  }
  properties.add("Port", std::int64_t{port.target}).add("VpcId", vpc_id(builder.project()));
  add_question(properties, port, question);
  properties.add("TargetGroupAttributes", attributes(port))
      .add("Tags", builder.tags("service", port.service->name));
  builder.add(resource(port.id("TargetGroup"),
                       "AWS::ElasticLoadBalancingV2::TargetGroup",
                       std::move(properties),
                       port.span));
}

std::uint32_t health_port(const PublishedPort& port) {
  return question_of(port).port;
}

std::int64_t grace_seconds(const compose::Service& service,
                           const std::vector<PublishedPort>& ports) {
  std::optional<std::int64_t> said;
  for (const PublishedPort& port : ports_of(ports, service)) {
    if (port.ingress.health.grace) {
      said = std::max(said.value_or(0), port.ingress.health.grace->value);
    }
  }
  if (said || !service.healthcheck || !service.healthcheck->start_period) {
    return said.value_or(kLeastGrace);
  }
  const auto start =
      std::chrono::ceil<std::chrono::seconds>(service.healthcheck->start_period->value);
  return std::max<std::int64_t>(start.count(), kLeastGrace);
}

doc::Node request_count_label(const compose::Project& project,
                              const std::vector<PublishedPort>& ports,
                              const PublishedPort& port) {
  const auto balancer = load_balancer_of(project, ports, Balancer::application);
  if (port.balancer != Balancer::application || !balancer) {
    return {};
  }
  return cloudformation::join(
      "/",
      {balancer->full_name(),
       cloudformation::get_att(port.id("TargetGroup").str(), "TargetGroupFullName")});
}

}  // namespace convert
