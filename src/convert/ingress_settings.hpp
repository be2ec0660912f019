#pragma once

#include <optional>
#include <vector>

#include "convert/builder.hpp"

namespace convert {

// How a load balancer asks whether a target is well; `x-aws-healthcheck` of a service and
// `x-aws-ingress.healthcheck`. What is absent has a default or comes from the Compose health check.
struct HealthProbe {
  std::optional<compose::Text> protocol;  // http, https, tcp
  std::optional<compose::Text> path;
  std::optional<compose::Text> codes;  // "200-399"; gRPC: "0-12"
  std::optional<compose::Number> port;
  std::optional<compose::Number> interval;  // seconds
  std::optional<compose::Number> timeout;   // seconds
  std::optional<compose::Number> healthy;
  std::optional<compose::Number> unhealthy;
  std::optional<compose::Number> grace;  // seconds
};

// One `x-aws-ingress` mapping: how the outside reaches one port of a service.
struct Ingress {
  diag::Span span;
  std::optional<compose::Number> port;    // that the load balancer listens on
  std::optional<compose::Number> target;  // of the container
  std::optional<compose::Text> protocol;  // http, https, http2, grpc, tcp, tls, udp
  compose::TextList hosts;
  compose::TextList paths;
  std::vector<doc::Node> certificates;  // ARNs or intrinsic functions
  std::optional<diag::Span> automatic;  // `certificate: auto`
  std::optional<compose::Text> ssl_policy;
  std::optional<compose::Flag> redirect_http;
  std::optional<compose::Flag> dns;
  doc::Node zone;  // hosted zone: an id or an intrinsic function
  std::optional<compose::Flag> strip_prefix;
  std::optional<compose::Number> sticky;        // seconds
  std::optional<compose::Number> idle_timeout;  // seconds
  std::optional<compose::Number> priority;
  compose::TextList allow;  // CIDR ranges that may connect
  HealthProbe health;

  [[nodiscard]] bool has_certificate() const { return automatic || !certificates.empty(); }

  // Something that only an Application Load Balancer can do.
  [[nodiscard]] std::optional<diag::Span> needs_http() const;
};

struct ServiceIngress {
  std::vector<Ingress> ports;  // `x-aws-ingress`: one mapping, or a list of them
  HealthProbe health;          // `x-aws-healthcheck`: of ports that have none of their own
};

ServiceIngress read_ingress(Builder& builder, const compose::Service& service);

}  // namespace convert
