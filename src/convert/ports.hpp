#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "convert/builder.hpp"
#include "convert/ingress_settings.hpp"

namespace convert {

enum class Balancer : std::uint8_t {
  network,      // passes TCP and UDP through
  application,  // reads HTTP
};

// A port that a load balancer listens on for a service. Which one is decided by the port alone:
// what it says of its protocol, and whether `x-aws-ingress` asks for something that needs HTTP; no
// other port, and no other service, changes it.
struct PublishedPort {
  const compose::Service* service = nullptr;
  std::uint32_t published = 0;
  std::uint32_t target = 0;
  std::string protocol;  // TCP, UDP, TCP_UDP
  diag::Span span;
  Balancer balancer = Balancer::network;
  bool tls = false;         // the listener speaks TLS
  bool wants_tls = false;   // the file says `https`
  bool target_tls = false;  // so does the container
  std::string version;      // of HTTP, to the container: HTTP2, GRPC; empty for HTTP/1.1
  Ingress ingress;

  // FrontendTCP5000TargetGroup: by service, protocol and published port; TCP for TCP_UDP, so that
  // UDP can be added to a port.
  [[nodiscard]] cloudformation::LogicalId id(std::string_view suffix) const;

  [[nodiscard]] bool is_udp_only() const { return protocol == "UDP"; }
};

// The ports of all services that get a listener, by service name, then as written, each once.
// Reports what gets none (loopback addresses, mode `host`, SCTP, internal networks), and listeners
// and rules that two services ask for.
std::vector<PublishedPort> published_ports(Builder& builder);
// Those of one service.
std::span<const PublishedPort> ports_of(const std::vector<PublishedPort>& ports,
                                        const compose::Service& service);

// The port of the container that an `x-aws-ingress` without `target` means, of a service that
// publishes none: the only one it exposes. 0 when that does not say.
std::uint32_t exposed_port(const compose::Service& service);

}  // namespace convert
