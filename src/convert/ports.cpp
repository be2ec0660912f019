#include "convert/ports.hpp"

#include <map>
#include <optional>
#include <utility>

#include "convert/naming.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

bool is_loopback(std::string_view host_ip) {
  return host_ip.starts_with("127.") || host_ip == "::1" || host_ip == "[::1]";
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

void report_details(Builder& builder, const diag::Located<compose::Port>& port) {
  if (!port.value.host_ip.empty() && port.value.host_ip != "0.0.0.0" &&
      port.value.host_ip != "::") {
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

class Publisher {
 public:
  explicit Publisher(Builder& builder) : builder_(builder) {}

  void add(const compose::Service& service, const diag::Located<compose::Port>& port) {
    const std::string what =
        "port " + std::to_string(port.value.target) + " of `" + service.name + "`";
    if (port.value.protocol == "sctp") {
      builder_.warning("convert.ignored",
                       port.span,
                       what + " gets no listener: load balancers do not speak SCTP");
      return;
    }
    if (const auto reason = reason_for_no_listener(port.value)) {
      builder_.note("convert.approximated", port.span, what + " gets no listener: " + *reason);
      return;
    }
    report_details(builder_, port);
    PublishedPort out{&service,
                      listener_port(port.value),
                      port.value.target,
                      util::to_upper(port.value.protocol.empty() ? "tcp" : port.value.protocol),
                      port.span};
    if (claim(out)) {
      ports_.push_back(std::move(out));
    }
  }

  std::vector<PublishedPort> take() { return std::move(ports_); }

 private:
  // One listener a port, whatever the protocol: a Network Load Balancer refuses a second one.
  bool claim(const PublishedPort& port) {
    const auto [owner, is_new] = owners_.emplace(port.published, port);
    if (is_new) {
      return true;
    }
    const PublishedPort& first = owner->second;
    const bool same = first.service == port.service && first.target == port.target &&
                      first.protocol == port.protocol;
    if (!same) {
      builder_.report({diag::Severity::error,
                       "convert.port-conflict",
                       "port " + std::to_string(port.published) + " is published twice",
                       port.span,
                       {{first.span, "first published here, by `" + first.service->name + "`"}},
                       "publish one of them on another port"});
    }
    return false;
  }

  Builder& builder_;
  std::map<std::uint32_t, PublishedPort> owners_;
  std::vector<PublishedPort> ports_;
};

}  // namespace

cloudformation::LogicalId PublishedPort::id(std::string_view suffix) const {
  return logical_id(service->name, protocol + std::to_string(published) + std::string(suffix));
}

std::vector<PublishedPort> published_ports(Builder& builder) {
  Publisher publisher(builder);
  for (const auto& [name, service] : builder.project().services) {
    for (const auto& port : service.ports) {
      publisher.add(service, port);
    }
  }
  return publisher.take();
}

}  // namespace convert
