#include "convert/load_balancer.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "convert/balancers.hpp"
#include "convert/certificates.hpp"
#include "convert/http_listeners.hpp"
#include "convert/listener_rules.hpp"
#include "convert/placement.hpp"
#include "convert/target_group.hpp"

namespace convert {
namespace {

using cloudformation::LogicalId;

doc::Node key_value(std::string_view key, std::string value) {
  return Fields().add("Key", key).add("Value", std::move(value)).node();
}

doc::Node open_rule(std::string_view protocol,
                    std::uint32_t port,
                    std::string description,
                    std::string source) {
  return Fields()
      .add("CidrIp", std::move(source))
      .add("Description", std::move(description))
      .add("IpProtocol", protocol)
      .add("FromPort", std::int64_t{port})
      .add("ToPort", std::int64_t{port})
      .node();
}

// The only rules of a project that are open to the world: the listeners' ports on the load balancer
// itself. Several services behind one HTTP port share a rule.
class OpenPorts {
 public:
  void add(const PublishedPort& port) {
    const std::string what = port.service->name + ":" + std::to_string(port.target);
    const bool http = port.balancer == Balancer::application;
    for (const std::string_view protocol : {"tcp", "udp"}) {
      const bool spoken = protocol == "udp" ? port.protocol != "TCP" : !port.is_udp_only();
      if (!spoken) {
        continue;
      }
      if (port.ingress.allow.empty()) {
        add(protocol, port.published, http ? "HTTP" : what, "0.0.0.0/0");
      }
      for (const compose::Text& source : port.ingress.allow) {
        add(protocol, port.published, http ? "HTTP" : what, source.value);
      }
    }
  }

  void add(std::string_view protocol,
           std::uint32_t port,
           const std::string& description,
           const std::string& source) {
    if (done_.insert(std::string(protocol) + std::to_string(port) + source).second) {
      rules_.items.push_back(open_rule(protocol, port, description, source));
    }
  }

  doc::Node take() { return doc::Node(std::move(rules_)); }

 private:
  std::set<std::string> done_;
  doc::Sequence rules_;
};

bool has_redirect(const std::vector<PublishedPort>& ports) {
  return std::any_of(ports.begin(), ports.end(), [](const PublishedPort& port) {
    return port.balancer == Balancer::application && port.ingress.has_certificate() &&
           (!port.ingress.redirect_http || port.ingress.redirect_http->value);
  });
}

void add_group(Builder& builder,
               const LoadBalancer& balancer,
               const std::vector<PublishedPort>& ports) {
  OpenPorts open;
  for (const PublishedPort& port : ports) {
    if (port.balancer == balancer.kind) {
      open.add(port);
    }
  }
  if (balancer.kind == Balancer::application && has_redirect(ports)) {
    open.add("tcp", 80, "HTTP", "0.0.0.0/0");
  }
  builder.add(resource(
      LogicalId{balancer.id() + "SecurityGroup"},
      "AWS::EC2::SecurityGroup",
      Fields()
          .add("GroupDescription", "Load balancer of Compose project " + builder.project().name)
          .add("VpcId", vpc_id(builder.project()))
          .add("SecurityGroupIngress", open.take())
          .add("Tags", builder.tags())));
}

// The longest that a port asks for: it is one setting of the whole load balancer.
std::optional<std::int64_t> idle_timeout(Builder& builder,
                                         const std::vector<PublishedPort>& ports) {
  constexpr std::int64_t kMost = 4000;
  std::optional<std::int64_t> longest;
  for (const PublishedPort& port : ports) {
    if (port.balancer != Balancer::application || !port.ingress.idle_timeout) {
      continue;
    }
    const compose::Number& wanted = *port.ingress.idle_timeout;
    if (wanted.value > kMost) {
      builder.error("convert.bad-ingress",
                    wanted.span,
                    "an Application Load Balancer keeps idle connections 4000 s at most");
    }
    if (longest && *longest != wanted.value) {
      builder.note("convert.approximated",
                   wanted.span,
                   "all HTTP ports share one `idle_timeout`: the longest one");
    }
    longest = std::max(longest.value_or(0), wanted.value);
  }
  return longest;
}

doc::Node balancer_attributes(Builder& builder,
                              const LoadBalancer& balancer,
                              const std::vector<PublishedPort>& ports) {
  if (balancer.kind == Balancer::network) {
    return items(key_value("load_balancing.cross_zone.enabled", "true"));
  }
  doc::Sequence out;
  out.items.push_back(key_value("routing.http.drop_invalid_header_fields.enabled", "true"));
  if (const auto seconds = idle_timeout(builder, ports)) {
    out.items.push_back(key_value("idle_timeout.timeout_seconds", std::to_string(*seconds)));
  }
  return doc::Node(std::move(out));
}

void add_balancer(Builder& builder,
                  const LoadBalancer& balancer,
                  const std::vector<PublishedPort>& ports) {
  add_group(builder, balancer, ports);
  const bool internal = is_balancer_internal(builder.project());
  cloudformation::Resource out =
      resource(LogicalId{balancer.id()},
               "AWS::ElasticLoadBalancingV2::LoadBalancer",
               Fields()
                   .add("Type", balancer.kind == Balancer::network ? "network" : "application")
                   .add("Scheme", internal ? "internal" : "internet-facing")
                   .add("Subnets", balancer_subnets(builder.project()))
                   .add("SecurityGroups", items(balancer.group()))
                   .add("LoadBalancerAttributes", balancer_attributes(builder, balancer, ports))
                   .add("Tags", builder.tags()));
  if (has_own_vpc(builder.project()) && !internal) {
    out.depends_on.push_back(LogicalId{"VpcInternetGatewayAttachment"});
  }
  builder.add(std::move(out));
}

doc::Node forward_to(const PublishedPort& port) {
  doc::Node target =
      Fields().add("TargetGroupArn", cloudformation::ref(port.id("TargetGroup").str())).node();
  return Fields()
      .add("Type", "forward")
      .add("ForwardConfig", Fields().add("TargetGroups", items(std::move(target))).node())
      .node();
}

void add_certificates_of(Fields& properties, const PublishedPort& port) {
  doc::Node arn = port.ingress.automatic ? cloudformation::ref(port.id("Certificate").str())
                                         : port.ingress.certificates.front();
  properties.add("Certificates", items(Fields().add("CertificateArn", std::move(arn)).node()));
  if (port.ingress.ssl_policy) {
    properties.add("SslPolicy", port.ingress.ssl_policy->value);
  }
}

void add_network_listener(Builder& builder,
                          const LoadBalancer& balancer,
                          const PublishedPort& port) {
  constexpr std::int64_t kLeastIdle = 60;  // ELB: tcp.idle_timeout.seconds
  Fields properties;
  properties.add("LoadBalancerArn", balancer.arn())
      .add("Port", std::int64_t{port.published})
      .add("Protocol", port.tls ? "TLS" : port.protocol);
  if (port.tls) {
    add_certificates_of(properties, port);
  }
  if (port.ingress.idle_timeout && port.protocol == "TCP" && !port.tls) {
    properties.add(
        "ListenerAttributes",
        items(key_value("tcp.idle_timeout.seconds",
                        std::to_string(std::max(port.ingress.idle_timeout->value, kLeastIdle)))));
  }
  properties.add("DefaultActions", items(forward_to(port)));
  builder.add(resource(port.id("Listener"),
                       "AWS::ElasticLoadBalancingV2::Listener",
                       std::move(properties),
                       port.span));
}

// A guess for people to click on: what commonly listens on a port.
std::string_view url_scheme(const PublishedPort& port) {
  constexpr std::array<std::uint32_t, 16> kNotHttp = {
      21, 22, 25, 53, 110, 143, 389, 587, 993, 1433, 1883, 3306, 5432, 5672, 6379, 27017};
  if (port.balancer == Balancer::application) {
    return port.tls ? "https" : "http";
  }
  if (port.is_udp_only()) {
    return "udp";
  }
  const bool other = std::find(kNotHttp.begin(), kNotHttp.end(), port.target) != kNotHttp.end();
  if (port.tls || port.target == 443 || port.target == 8443 || port.published == 443) {
    return other ? "tls" : "https";
  }
  return other ? "tcp" : "http";
}

// The first host that is a name, and the first path up to its wildcard.
std::string url_host(const LoadBalancer& balancer, const PublishedPort& port) {
  for (const compose::Text& host : port.ingress.hosts) {
    if (host.value.find_first_of("*?") == std::string::npos) {
      return host.value;
    }
  }
  return balancer.dns_variable();
}

std::string url_path(const PublishedPort& port) {
  if (port.ingress.paths.empty()) {
    return {};
  }
  const std::string& path = port.ingress.paths.front().value;
  return path.substr(0, path.find_first_of("*?"));
}

void add_address_output(Builder& builder, const LoadBalancer& balancer, const PublishedPort& port) {
  const std::string_view scheme = url_scheme(port);
  const bool implied =
      (scheme == "http" && port.published == 80) || (scheme == "https" && port.published == 443);
  std::string url = std::string(scheme) + "://" + url_host(balancer, port) +
                    (implied ? "" : ":" + std::to_string(port.published)) + url_path(port);
  const bool plain = url.find("${") == std::string::npos;
  builder.add_output(port.id("Url").str(),
                     "Where port " + std::to_string(port.target) + " of service " +
                         port.service->name + " is reached",
                     plain ? doc::Node(std::move(url)) : cloudformation::sub(url));
}

}  // namespace

void add_load_balancers(Builder& builder, const std::vector<PublishedPort>& ports) {
  check_balancers(builder, ports);
  std::map<Balancer, LoadBalancer> balancers;
  for (const Balancer kind : {Balancer::network, Balancer::application}) {
    if (const auto balancer = load_balancer_of(builder.project(), ports, kind)) {
      balancers.emplace(kind, *balancer);
      if (balancer->own) {
        add_balancer(builder, *balancer, ports);
      }
    }
  }
  add_certificates(builder, ports);
  for (const PublishedPort& port : ports) {
    const LoadBalancer& balancer = balancers.at(port.balancer);
    add_target_group(builder, port);
    if (port.balancer == Balancer::network && (!port.tls || port.ingress.has_certificate())) {
      add_network_listener(builder, balancer, port);
    }
    add_address_output(builder, balancer, port);
  }
  add_http_listeners(builder, ports);
  add_listener_rules(builder, ports);
  add_host_records(builder, ports);
}

}  // namespace convert
