#include "convert/balancers.hpp"

#include <algorithm>

#include "convert/placement.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

bool has_kind(const std::vector<PublishedPort>& ports, Balancer kind) {
  return std::any_of(ports.begin(), ports.end(), [kind](const PublishedPort& port) {
    return port.balancer == kind;
  });
}

const doc::Node* top_level(const compose::Project& project, std::string_view key) {
  const doc::Node* value = project.extensions.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_or_empty(const doc::Node* value) {
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

// arn:…:listener/app/<name>/<id>/<listener> → arn:…:loadbalancer/app/<name>/<id>
std::string balancer_of_listener(const std::string& arn) {
  const std::size_t kind = arn.find(":listener/");
  const std::size_t last = arn.rfind('/');
  return kind == std::string::npos || last <= kind
             ? std::string()
             : arn.substr(0, kind) + ":loadbalancer/" + arn.substr(kind + 10, last - kind - 10);
}

const doc::Mapping* listener_map(const compose::Project& project) {
  const doc::Node* listeners = top_level(project, "x-aws-listener");
  return listeners == nullptr ? nullptr : listeners->as_mapping();
}

// The value that names the load balancer of this kind. One that does not tell its kind stands for
// the application one where a port needs that, else for the network one.
const doc::Node* reference_node(const compose::Project& project,
                                const std::vector<PublishedPort>& ports,
                                Balancer kind) {
  const doc::Node* value = top_level(project, "x-aws-loadbalancer");
  if (value == nullptr) {
    return nullptr;
  }
  if (value->as_mapping() != nullptr && !is_intrinsic(*value)) {
    const doc::Node* member =
        value->find(kind == Balancer::application ? "application" : "network");
    return member == nullptr || member->is_null() ? nullptr : member;
  }
  const std::string text = text_or_empty(value);
  const bool says_application = text.find(":loadbalancer/app/") != std::string::npos;
  const bool says_network = text.find(":loadbalancer/net/") != std::string::npos;
  const bool is_application =
      says_application || (!says_network && has_kind(ports, Balancer::application));
  return is_application == (kind == Balancer::application) ? value : nullptr;
}

doc::Node string_parameter(std::string_view type, std::string description) {
  return Fields().add("Type", type).add("Description", std::move(description)).node();
}

bool has_records(const std::vector<PublishedPort>& ports) {
  return std::any_of(ports.begin(), ports.end(), [](const PublishedPort& port) {
    return !port.ingress.hosts.empty() && !port.ingress.zone.is_null();
  });
}

}  // namespace

std::string LoadBalancer::id() const {
  if (kind == Balancer::application) {
    return "ApplicationLoadBalancer";
  }
  return own ? "LoadBalancer" : "NetworkLoadBalancer";
}

doc::Node LoadBalancer::arn() const {
  if (own) {
    return cloudformation::ref(id());
  }
  if (!function.is_null()) {
    return function;
  }
  return reference.starts_with("arn:") ? doc::Node(reference)
                                       : cloudformation::ref(arn_parameter());
}

doc::Node LoadBalancer::group() const {
  return own ? cloudformation::get_att(id() + "SecurityGroup", "GroupId")
             : cloudformation::ref(group_parameter());
}

doc::Node LoadBalancer::dns_name() const {
  return own ? cloudformation::get_att(id(), "DNSName") : cloudformation::ref(dns_parameter());
}

doc::Node LoadBalancer::zone_id() const {
  return own ? cloudformation::get_att(id(), "CanonicalHostedZoneID")
             : cloudformation::ref(zone_parameter());
}

std::string LoadBalancer::dns_variable() const {
  return own ? "${" + id() + ".DNSName}" : "${" + dns_parameter() + "}";
}

doc::Node LoadBalancer::full_name() const {
  if (own) {
    return cloudformation::get_att(id(), "LoadBalancerFullName");
  }
  doc::Node parts = Fields().add("Fn::Split", items("loadbalancer/", arn())).node();
  return Fields().add("Fn::Select", items(1, std::move(parts))).node();
}

std::optional<LoadBalancer> load_balancer_of(const compose::Project& project,
                                             const std::vector<PublishedPort>& ports,
                                             Balancer kind) {
  if (!has_kind(ports, kind)) {
    return std::nullopt;
  }
  LoadBalancer out;
  out.kind = kind;
  if (const doc::Node* value = reference_node(project, ports, kind)) {
    out.own = false;
    out.reference = text_or_empty(value);
    if (out.reference.empty()) {
      out.function = *value;
    }
    return out;
  }
  const doc::Mapping* listeners = listener_map(project);
  if (kind == Balancer::application && listeners != nullptr) {
    for (const doc::Entry& entry : listeners->entries) {
      const std::string arn = balancer_of_listener(text_or_empty(&entry.value));
      if (!arn.empty()) {
        out.own = false;
        out.reference = arn;
        return out;
      }
    }
  }
  return out;
}

bool makes_load_balancer(const compose::Project& project, const std::vector<PublishedPort>& ports) {
  for (const Balancer kind : {Balancer::network, Balancer::application}) {
    const auto balancer = load_balancer_of(project, ports, kind);
    if (balancer && balancer->own) {
      return true;
    }
  }
  return false;
}

doc::Node existing_listener(const compose::Project& project, std::uint32_t port) {
  const doc::Mapping* listeners = listener_map(project);
  const doc::Node* value = listeners == nullptr ? nullptr : listeners->find(std::to_string(port));
  return value == nullptr ? doc::Node() : *value;
}

bool has_existing_listener(const compose::Project& project, std::uint32_t port) {
  return !existing_listener(project, port).is_null();
}

void add_balancer_parameters(Builder& builder, const std::vector<PublishedPort>& ports) {
  for (const Balancer kind : {Balancer::network, Balancer::application}) {
    const auto balancer = load_balancer_of(builder.project(), ports, kind);
    if (!balancer || balancer->own) {
      continue;
    }
    if (!balancer->arn().as_string() && balancer->function.is_null()) {
      builder.add_parameter(
          balancer->arn_parameter(),
          string_parameter("String", "ARN of load balancer " + balancer->reference));
    }
    builder.add_parameter(balancer->group_parameter(),
                          string_parameter("AWS::EC2::SecurityGroup::Id",
                                           "Security group of the existing load balancer"));
    builder.add_parameter(balancer->dns_parameter(),
                          string_parameter("String", "DNS name of the existing load balancer"));
    if (kind == Balancer::application && has_records(ports)) {
      builder.add_parameter(
          balancer->zone_parameter(),
          string_parameter("String", "Canonical hosted zone of the existing load balancer"));
    }
  }
}

void check_balancers(Builder& builder, const std::vector<PublishedPort>& ports) {
  const doc::Node* value = top_level(builder.project(), "x-aws-loadbalancer");
  const bool fine =
      value == nullptr || value->as_mapping() != nullptr || !text_or_empty(value).empty();
  if (!fine) {
    builder.error("convert.bad-extension",
                  value->span,
                  "`x-aws-loadbalancer` must be a name, an ARN, or a mapping with `application` "
                  "and `network`");
  }
  const doc::Node* listeners = top_level(builder.project(), "x-aws-listener");
  if (listeners == nullptr) {
    return;
  }
  if (listeners->as_mapping() == nullptr) {
    builder.error("convert.bad-extension",
                  listeners->span,
                  "`x-aws-listener` must be a mapping of ports to listener ARNs");
    return;
  }
  for (const doc::Entry& entry : listeners->as_mapping()->entries) {
    const auto number = util::parse_int(entry.key.value);
    const bool used = std::any_of(ports.begin(), ports.end(), [&](const PublishedPort& port) {
      return number && port.balancer == Balancer::application && port.published == *number;
    });
    if (!used) {
      builder.error("convert.bad-extension",
                    entry.key.span,
                    "no HTTP port " + entry.key.value + " is published to use this listener",
                    "rules exist on the listeners of Application Load Balancers only");
    }
  }
}

}  // namespace convert
