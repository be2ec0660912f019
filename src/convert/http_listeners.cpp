#include "convert/http_listeners.hpp"

#include <algorithm>
#include <map>

#include "convert/balancers.hpp"
#include "convert/certificates.hpp"
#include "convert/listener_rules.hpp"

namespace convert {
namespace {

constexpr std::string_view kTlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
constexpr std::uint32_t kHttpPort = 80;

using cloudformation::LogicalId;

using HttpPorts = std::vector<const PublishedPort*>;

LogicalId http_listener_id(std::uint32_t port) {
  return LogicalId{"Port" + std::to_string(port) + "Listener"};
}

doc::Node not_found_action() {
  return Fields()
      .add("Type", "fixed-response")
      .add("FixedResponseConfig",
           Fields()
               .add("StatusCode", "404")
               .add("ContentType", "text/plain")
               .add("MessageBody", "no service answers for this host and path\n")
               .node())
      .node();
}

doc::Node redirect_action(std::uint32_t port) {
  return Fields()
      .add("Type", "redirect")
      .add("RedirectConfig",
           Fields()
               .add("Protocol", "HTTPS")
               .add("Port", std::to_string(port))
               .add("StatusCode", "HTTP_301")
               .node())
      .node();
}

std::string tls_policy(Builder& builder, const HttpPorts& ports) {
  const compose::Text* chosen = nullptr;
  for (const PublishedPort* port : ports) {
    if (!port->ingress.ssl_policy) {
      continue;
    }
    if (chosen != nullptr && chosen->value != port->ingress.ssl_policy->value) {
      builder.report({diag::Severity::error,
                      "convert.bad-ingress",
                      "one listener cannot have two TLS policies",
                      port->ingress.ssl_policy->span,
                      {{chosen->span, "the other one"}},
                      "use the same `ssl_policy`"});
    }
    chosen = chosen == nullptr ? &*port->ingress.ssl_policy : chosen;
  }
  return chosen == nullptr ? std::string(kTlsPolicy) : chosen->value;
}

void add_listener(Builder& builder,
                  const LoadBalancer& balancer,
                  std::uint32_t number,
                  const HttpPorts& ports,
                  doc::Node default_action) {
  Fields properties;
  const bool tls = !ports.empty() && ports.front()->tls;
  properties.add("LoadBalancerArn", balancer.arn())
      .add("Port", std::int64_t{number})
      .add("Protocol", tls ? "HTTPS" : "HTTP");
  if (tls) {
    const std::vector<Certificate> certificates = certificates_of(ports);
    doc::Node first = certificates.front().arn;
    properties.add("Certificates", items(Fields().add("CertificateArn", std::move(first)).node()))
        .add("SslPolicy", tls_policy(builder, ports));
  }
  properties.add("DefaultActions", items(std::move(default_action)));
  builder.add(resource(http_listener_id(number),
                       "AWS::ElasticLoadBalancingV2::Listener",
                       std::move(properties),
                       ports.empty() ? diag::Span{} : ports.front()->span));
}

// The first certificate of a listener is part of it, the others are resources of their own; of an
// existing listener all are.
void add_more_certificates(Builder& builder, std::uint32_t number, const HttpPorts& ports) {
  const doc::Node existing = existing_listener(builder.project(), number);
  const std::vector<Certificate> certificates = certificates_of(ports);
  for (std::size_t i = existing.is_null() ? 1 : 0; i < certificates.size(); ++i) {
    const Certificate& certificate = certificates[i];
    builder.add(resource(
        certificate.port->id("ListenerCertificate" + (certificate.index == 0
                                                          ? std::string()
                                                          : std::to_string(certificate.index + 1))),
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        Fields()
            .add(
                "ListenerArn",
                existing.is_null() ? cloudformation::ref(http_listener_id(number).str()) : existing)
            .add("Certificates", items(Fields().add("CertificateArn", certificate.arn).node())),
        certificate.port->span));
  }
}

bool redirects(const PublishedPort& port) {
  return port.tls && (port.ingress.redirect_http ? port.ingress.redirect_http->value
                                                 : port.ingress.has_certificate());
}

// Port 80 leads to HTTPS: by itself when nothing else listens there, else by a rule for the hosts
// and paths of each port that asks for it.
class Redirects {
 public:
  Redirects(Builder& builder, const std::map<std::uint32_t, HttpPorts>& listeners)
      : builder_(builder) {
    if (const auto here = listeners.find(kHttpPort); here != listeners.end()) {
      priorities_ = used_priorities(here->second);
    }
    for (const auto& [number, ports] : listeners) {
      for (const PublishedPort* port : ports) {
        if (redirects(*port)) {
          ports_.push_back(port);
        }
      }
    }
    std::stable_sort(ports_.begin(), ports_.end(), [](const auto* a, const auto* b) {
      return (a->published == 443) > (b->published == 443);
    });
  }

  // An existing load balancer may have a listener on port 80 already; ours must be asked for.
  [[nodiscard]] bool make_listener(const LoadBalancer& balancer) const {
    return std::any_of(ports_.begin(), ports_.end(), [&](const PublishedPort* port) {
      return balancer.own || port->ingress.redirect_http;
    });
  }

  [[nodiscard]] doc::Node default_action() const {
    return redirect_action(ports_.front()->published);
  }

  void add_rules(bool has_listener) {
    for (const PublishedPort* port : ports_) {
      const bool asked = port->ingress.redirect_http.has_value();
      const bool limited = !port->ingress.hosts.empty() || !port->ingress.paths.empty();
      if (has_listener && asked && limited) {
        add_rule(*port);
      }
    }
  }

 private:
  void add_rule(const PublishedPort& port) {
    doc::Node listener = existing_listener(builder_.project(), kHttpPort);
    const std::vector<RuleConditions> all = rule_conditions(port);
    for (std::size_t i = 0; i < all.size(); ++i) {
      builder_.add(resource(
          port.id("RedirectRule" + (i == 0 ? std::string() : std::to_string(i + 1))),
          "AWS::ElasticLoadBalancingV2::ListenerRule",
          Fields()
              .add("ListenerArn",
                   listener.is_null() ? cloudformation::ref(http_listener_id(kHttpPort).str())
                                      : listener)
              .add("Priority",
                   priorities_.assign(port.service->name + "/redirect/" + std::to_string(i),
                                      all[i].hosts,
                                      all[i].paths))
              .add("Conditions", conditions_node(all[i]))
              .add("Actions", items(redirect_action(port.published))),
          port.span));
    }
  }

  Builder& builder_;
  HttpPorts ports_;
  RulePriorities priorities_;
};

}  // namespace

void add_http_listeners(Builder& builder, const std::vector<PublishedPort>& ports) {
  const auto balancer = load_balancer_of(builder.project(), ports, Balancer::application);
  if (!balancer) {
    return;
  }
  std::map<std::uint32_t, HttpPorts> listeners;
  for (const PublishedPort& port : ports) {
    if (port.balancer == Balancer::application) {
      listeners[port.published].push_back(&port);
    }
  }
  for (const auto& [number, http_ports] : listeners) {
    if (!balancer->own && !has_existing_listener(builder.project(), number)) {
      builder.note("convert.existing-group",
                   http_ports.front()->span,
                   "the security group of the existing load balancer is not changed: it must let "
                   "clients reach port " +
                       std::to_string(number));
    }
    const bool complete = !http_ports.front()->tls || !certificates_of(http_ports).empty() ||
                          has_existing_listener(builder.project(), number);
    if (!complete) {
      continue;  // reported as a port without a certificate
    }
    if (!has_existing_listener(builder.project(), number)) {
      add_listener(builder, *balancer, number, http_ports, not_found_action());
    }
    add_more_certificates(builder, number, http_ports);
  }
  Redirects redirects(builder, listeners);
  const bool existing = has_existing_listener(builder.project(), kHttpPort);
  if (existing || listeners.contains(kHttpPort)) {
    redirects.add_rules(true);
  } else if (redirects.make_listener(*balancer)) {
    add_listener(builder, *balancer, kHttpPort, {}, redirects.default_action());
  }
}

}  // namespace convert
