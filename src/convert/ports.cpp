#include "convert/ports.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "convert/naming.hpp"
#include "convert/network.hpp"
#include "convert/port_protocol.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

using Written = diag::Located<compose::Port>;

bool is_loopback(std::string_view host_ip) {
  return host_ip.starts_with("127.") || host_ip == "::1" || host_ip == "[::1]";
}

std::string transport_of(const compose::Port& port) {
  return port.protocol.empty() ? "tcp" : util::to_lower(port.protocol);
}

// The first port of "8080" or "8000-8010"; without a published port, the target's own number.
std::uint32_t listener_port(const compose::Port& port) {
  const std::string first = port.published.substr(0, port.published.find('-'));
  return static_cast<std::uint32_t>(util::parse_int(first).value_or(port.target));
}

std::optional<std::string> reason_for_no_listener(const compose::Port& port) {
  if (is_loopback(port.host_ip)) {
    return "it is bound to the loopback address, so it stays inside the project";
  }
  if (port.mode == "host") {
    return "its mode is `host`, so it stays inside the project";
  }
  return std::nullopt;
}

void report_details(Builder& builder, const Written& port) {
  if (!port.value.host_ip.empty() && port.value.host_ip != "0.0.0.0" &&
      port.value.host_ip != "::" && !is_loopback(port.value.host_ip)) {
    builder.warning("convert.ignored",
                    port.span,
                    "address `" + port.value.host_ip + "` of port " +
                        std::to_string(port.value.target) +
                        " is ignored: the load balancer has addresses of its own");
  }
  if (port.value.published.find('-') != std::string::npos) {
    builder.note("convert.approximated",
                 port.span,
                 "of the published range " + port.value.published +
                     " the load balancer listens on " + std::to_string(listener_port(port.value)));
  }
}

// A written port with the `x-aws-ingress` that is about it.
struct Candidate {
  const Written* written = nullptr;  // null: only `x-aws-ingress` asks for it
  const Ingress* ingress = nullptr;
};

// Which of a service's ports each of its `x-aws-ingress` mappings is about.
class Matcher {
 public:
  Matcher(Builder& builder, const compose::Service& service, const std::vector<Ingress>& ingresses)
      : builder_(builder), service_(service) {
    for (const Written& port : service.ports) {
      candidates_.push_back({&port, nullptr});
    }
    for (const Ingress& ingress : ingresses) {
      match(ingress);
    }
  }

  std::vector<Candidate> take() { return std::move(candidates_); }

 private:
  void match(const Ingress& ingress) {
    std::vector<Candidate*> fitting = fitting_ports(ingress);
    if (fitting.size() > 1) {
      fitting = most_likely(fitting, ingress);
    }
    if (fitting.size() > 1) {
      builder_.error(
          "convert.bad-ingress",
          ingress.span,
          "`x-aws-ingress` does not say which port of `" + service_.name + "` it is about",
          "add `port` (of the load balancer) or `target` (of the container)");
    } else if (fitting.empty()) {
      add_unwritten(ingress);
    } else if (fitting.front()->ingress != nullptr) {
      builder_.report({diag::Severity::error,
                       "convert.bad-ingress",
                       "two `x-aws-ingress` are about one port of `" + service_.name + "`",
                       ingress.span,
                       {{fitting.front()->ingress->span, "the first one"}},
                       "put their hosts and paths into one"});
    } else {
      fitting.front()->ingress = &ingress;
    }
  }

  std::vector<Candidate*> fitting_ports(const Ingress& ingress) {
    std::vector<Candidate*> by_target;
    std::vector<Candidate*> by_port;
    const std::string transport =
        ingress.protocol && ingress.protocol->value == "udp" ? "udp" : "tcp";
    for (Candidate& candidate : candidates_) {
      if (candidate.written == nullptr || transport_of(candidate.written->value) != transport) {
        continue;
      }
      const compose::Port& port = candidate.written->value;
      if (!ingress.target || ingress.target->value == port.target) {
        by_target.push_back(&candidate);
        if (ingress.port && ingress.port->value == listener_port(port)) {
          by_port.push_back(&candidate);
        }
      }
    }
    return by_port.empty() ? by_target : by_port;
  }

  // The port that commonly has what the mapping asks for.
  static std::vector<Candidate*> most_likely(const std::vector<Candidate*>& fitting,
                                             const Ingress& ingress) {
    std::vector<Candidate*> out;
    for (const std::uint32_t wanted : {ingress.has_certificate() ? 443U : 80U, 80U}) {
      std::copy_if(
          fitting.begin(), fitting.end(), std::back_inserter(out), [&](const Candidate* c) {
            return listener_port(c->written->value) == wanted;
          });
      if (!out.empty()) {
        return out;
      }
    }
    return fitting;
  }

  void add_unwritten(const Ingress& ingress) {
    if (!ingress.target && exposed_port(service_) == 0) {
      builder_.error("convert.bad-ingress",
                     ingress.span,
                     "`x-aws-ingress` of `" + service_.name + "` does not say the container's port",
                     "add `target: 8080`, or `ports`");
      return;
    }
    candidates_.push_back({nullptr, &ingress});
  }

  Builder& builder_;
  const compose::Service& service_;
  std::vector<Candidate> candidates_;
};

// Pairs of host and path that a port asks for; empty text stands for all.
std::set<std::pair<std::string, std::string>> routes_of(const PublishedPort& port) {
  std::set<std::pair<std::string, std::string>> out;
  const auto add_paths = [&](const std::string& host) {
    if (port.ingress.paths.empty()) {
      out.emplace(host, "");
    }
    for (const compose::Text& path : port.ingress.paths) {
      out.emplace(host, path.value);
    }
  };
  if (port.ingress.hosts.empty()) {
    add_paths("");
  }
  for (const compose::Text& host : port.ingress.hosts) {
    add_paths(host.value);
  }
  return out;
}

diag::Span route_span(const PublishedPort& port) {
  if (!port.ingress.paths.empty()) {
    return port.ingress.paths.front().span;
  }
  return port.ingress.hosts.empty() ? port.span : port.ingress.hosts.front().span;
}

std::string route_text(const std::pair<std::string, std::string>& route) {
  if (route.first.empty() && route.second.empty()) {
    return "every request";
  }
  return "`" + (route.first.empty() ? "*" : route.first) + route.second + "`";
}

class Publisher {
 public:
  explicit Publisher(Builder& builder) : builder_(builder) {}

  void add(const compose::Service& service) {
    settings_ = read_ingress(builder_, service);
    std::vector<Candidate> candidates = Matcher(builder_, service, settings_.ports).take();
    for (const Candidate& candidate : candidates) {
      if (is_redirected(candidate, candidates)) {
        continue;
      }
      if (candidate.written == nullptr) {
        publish(service, *candidate.ingress);
      } else {
        publish(service, *candidate.written, candidate.ingress);
      }
    }
  }

  std::vector<PublishedPort> take() {
    settle_tls(builder_, ports_);
    return std::move(ports_);
  }

 private:
  // Port 80 beside an HTTPS port of the same container port only leads there.
  static bool is_redirected(const Candidate& candidate, const std::vector<Candidate>& all) {
    if (candidate.written == nullptr || candidate.ingress != nullptr ||
        listener_port(candidate.written->value) != 80) {
      return false;
    }
    return std::any_of(all.begin(), all.end(), [&](const Candidate& other) {
      return other.ingress != nullptr && other.ingress->has_certificate() &&
             other.written != nullptr &&
             other.written->value.target == candidate.written->value.target &&
             (!other.ingress->redirect_http || other.ingress->redirect_http->value);
    });
  }

  void publish(const compose::Service& service, const Written& written, const Ingress* ingress) {
    const std::string transport = transport_of(written.value);
    const std::string what =
        "port " + std::to_string(written.value.target) + " of `" + service.name + "`";
    if (transport == "sctp") {
      builder_.warning("convert.ignored",
                       written.span,
                       what + " gets no listener: load balancers do not speak SCTP");
      return;
    }
    if (const auto reason = reason_for_no_listener(written.value); reason && ingress == nullptr) {
      builder_.note("convert.approximated", written.span, what + " gets no listener: " + *reason);
      return;
    }
    if (is_internal_only(builder_.project(), service)) {
      builder_.warning("convert.ignored",
                       written.span,
                       what + " gets no listener: all networks of the service are internal",
                       "put the service on another network too");
      return;
    }
    report_details(builder_, written);
    PublishedPort out;
    out.service = &service;
    out.published = published_number(written.value, ingress);
    out.target = written.value.target;
    out.protocol = util::to_upper(transport);
    out.span = written.span;
    if (ingress != nullptr) {
      out.ingress = *ingress;
    } else {
      out.ingress.health = settings_.health;
    }
    decide_protocol(builder_, &written.value, out);
    claim(std::move(out));
  }

  void publish(const compose::Service& service, const Ingress& ingress) {
    PublishedPort out;
    out.service = &service;
    out.target =
        ingress.target ? static_cast<std::uint32_t>(ingress.target->value) : exposed_port(service);
    out.published = default_number(ingress);
    out.protocol = ingress.protocol && ingress.protocol->value == "udp" ? "UDP" : "TCP";
    out.span = ingress.span;
    out.ingress = ingress;
    decide_protocol(builder_, nullptr, out);
    claim(std::move(out));
  }

  static std::uint32_t default_number(const Ingress& ingress) {
    return ingress.port ? static_cast<std::uint32_t>(ingress.port->value)
                        : (ingress.has_certificate() ? 443 : 80);
  }

  static std::uint32_t published_number(const compose::Port& port, const Ingress* ingress) {
    const bool said = ingress == nullptr || !port.published.empty();
    return said && (ingress == nullptr || !ingress->port) ? listener_port(port)
                                                          : default_number(*ingress);
  }

  // One listener a port of a load balancer. A Network Load Balancer refuses a second one whatever
  // its protocol; several services share one of an Application Load Balancer by their rules.
  void claim(PublishedPort port) {
    std::vector<std::size_t>& same_number = by_number_[port.published];
    for (const std::size_t index : same_number) {
      if (merges(ports_[index], port) || collides(ports_[index], port)) {
        return;
      }
    }
    same_number.push_back(ports_.size());
    ports_.push_back(std::move(port));
  }

  static bool merges(PublishedPort& other, const PublishedPort& port) {
    if (other.service != port.service || other.target != port.target ||
        other.balancer != port.balancer) {
      return false;
    }
    if (other.protocol == port.protocol || other.protocol == "TCP_UDP") {
      return routes_of(other) == routes_of(port);
    }
    if (other.balancer == Balancer::network && !other.tls && !port.tls) {
      other.protocol = "TCP_UDP";
      return true;
    }
    return false;
  }

  bool collides(const PublishedPort& other, const PublishedPort& port) {
    const bool both_http =
        other.balancer == Balancer::application && port.balancer == Balancer::application;
    if (!both_http) {
      const bool apart =
          other.balancer != port.balancer && (other.is_udp_only() || port.is_udp_only());
      if (!apart) {
        report_conflict(other.span, other, port.span, "port " + std::to_string(port.published));
      }
      return !apart;
    }
    const auto taken = routes_of(other);
    for (const auto& route : routes_of(port)) {
      if (taken.contains(route)) {
        report_conflict(route_span(other),
                        other,
                        route_span(port),
                        route_text(route) + " on port " + std::to_string(port.published));
        return true;
      }
    }
    return false;
  }

  void report_conflict(const diag::Span& first,
                       const PublishedPort& owner,
                       const diag::Span& second,
                       const std::string& what) {
    builder_.report({diag::Severity::error,
                     "convert.port-conflict",
                     what + " is published twice",
                     second,
                     {{first, "first published here, by `" + owner.service->name + "`"}},
                     owner.balancer == Balancer::application
                         ? "give them different `hosts` or `paths` under `x-aws-ingress`"
                         : "publish one of them on another port"});
  }

  Builder& builder_;
  ServiceIngress settings_;  // of the service being added
  std::vector<PublishedPort> ports_;
  std::map<std::uint32_t, std::vector<std::size_t>> by_number_;
};

}  // namespace

cloudformation::LogicalId PublishedPort::id(std::string_view suffix) const {
  return logical_id(
      service->name,
      (is_udp_only() ? "UDP" : "TCP") + std::to_string(published) + std::string(suffix));
}

std::vector<PublishedPort> published_ports(Builder& builder) {
  Publisher publisher(builder);
  for (const auto& [name, service] : builder.project().services) {
    publisher.add(service);
  }
  return publisher.take();
}

std::span<const PublishedPort> ports_of(const std::vector<PublishedPort>& ports,
                                        const compose::Service& service) {
  const auto by_name = [](const PublishedPort& port) -> const std::string& {
    return port.service->name;
  };
  const auto range = std::ranges::equal_range(ports, service.name, {}, by_name);
  return {range.begin(), range.end()};
}

std::uint32_t exposed_port(const compose::Service& service) {
  if (service.expose.size() != 1) {
    return 0;
  }
  const std::string& text = service.expose.front().value;
  const auto number = util::parse_int(text.substr(0, text.find('/')));
  return number && *number > 0 && *number <= 65535 ? static_cast<std::uint32_t>(*number) : 0;
}

}  // namespace convert
