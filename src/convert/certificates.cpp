#include "convert/certificates.hpp"

#include <algorithm>
#include <set>

#include "convert/balancers.hpp"
#include "convert/naming.hpp"

namespace convert {
namespace {

void check_automatic(Builder& builder, const PublishedPort& port) {
  if (port.ingress.hosts.empty()) {
    builder.error("convert.no-certificate",
                  *port.ingress.automatic,
                  "`certificate: auto` needs `hosts` to make a certificate for");
  }
  if (port.ingress.zone.is_null()) {
    builder.error("convert.no-certificate",
                  *port.ingress.automatic,
                  "`certificate: auto` needs the hosted zone that proves who owns the hosts",
                  "add `zone: Z…`, the id of the Route 53 zone, or name a certificate's ARN");
  }
}

void add_certificate(Builder& builder, const PublishedPort& port) {
  doc::Sequence options;
  doc::Sequence others;
  for (const compose::Text& host : port.ingress.hosts) {
    options.items.push_back(
        Fields().add("DomainName", host.value).add("HostedZoneId", port.ingress.zone).node());
    if (&host != &port.ingress.hosts.front()) {
      others.items.emplace_back(host.value);
    }
  }
  Fields properties;
  properties.add("DomainName", port.ingress.hosts.front().value);
  if (!others.items.empty()) {
    properties.add("SubjectAlternativeNames", doc::Node(std::move(others)));
  }
  properties.add("ValidationMethod", "DNS")
      .add("DomainValidationOptions", doc::Node(std::move(options)))
      .add("Tags", builder.tags("service", port.service->name));
  builder.add(resource(port.id("Certificate"),
                       "AWS::CertificateManager::Certificate",
                       std::move(properties),
                       *port.ingress.automatic));
}

}  // namespace

std::vector<Certificate> certificates_of(const std::vector<const PublishedPort*>& ports) {
  std::vector<Certificate> out;
  const auto add = [&](const PublishedPort* port, std::size_t index, doc::Node arn) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const Certificate& other) {
      return doc::same(other.arn, arn);
    });
    if (!known) {
      out.push_back({port, index, std::move(arn)});
    }
  };
  for (const PublishedPort* port : ports) {
    std::size_t index = 0;
    if (port->ingress.automatic) {
      add(port, index++, cloudformation::ref(port->id("Certificate").str()));
    }
    for (const doc::Node& arn : port->ingress.certificates) {
      add(port, index++, arn);
    }
  }
  return out;
}

void add_certificates(Builder& builder, const std::vector<PublishedPort>& ports) {
  for (const PublishedPort& port : ports) {
    if (!port.ingress.automatic) {
      continue;
    }
    check_automatic(builder, port);
    if (!port.ingress.hosts.empty() && !port.ingress.zone.is_null()) {
      add_certificate(builder, port);
    }
  }
}

void add_host_records(Builder& builder, const std::vector<PublishedPort>& ports) {
  std::set<std::string> done;
  const auto network = load_balancer_of(builder.project(), ports, Balancer::network);
  const auto application = load_balancer_of(builder.project(), ports, Balancer::application);
  for (const PublishedPort& port : ports) {
    const auto& balancer = port.balancer == Balancer::network ? network : application;
    const Ingress& ingress = port.ingress;
    if (ingress.dns && ingress.dns->value && (ingress.zone.is_null() || ingress.hosts.empty())) {
      builder.error("convert.bad-ingress",
                    ingress.dns->span,
                    "`dns: true` needs `hosts` and the `zone` to write their records to");
    }
    if (ingress.zone.is_null() || (ingress.dns && !ingress.dns->value)) {
      continue;
    }
    for (const compose::Text& host : ingress.hosts) {
      if (!done.insert(host.value).second) {
        continue;
      }
      builder.add(resource(logical_id(host.value, "HostRecord"),
                           "AWS::Route53::RecordSet",
                           Fields()
                               .add("HostedZoneId", ingress.zone)
                               .add("Name", host.value)
                               .add("Type", "A")
                               .add("AliasTarget",
                                    Fields()
                                        .add("DNSName", balancer->dns_name())
                                        .add("HostedZoneId", balancer->zone_id())
                                        .node()),
                           host.span));
    }
  }
}

}  // namespace convert
