#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "convert/builder.hpp"

namespace convert {

// A port that the load balancer listens on for a service.
struct PublishedPort {
  const compose::Service* service = nullptr;
  std::uint32_t published = 0;
  std::uint32_t target = 0;
  std::string protocol;  // TCP, UDP
  diag::Span span;

  // FrontendTCP5000TargetGroup: by service, protocol and published port.
  [[nodiscard]] cloudformation::LogicalId id(std::string_view suffix) const;
};

// The ports of all services that get a listener, by service name, then as written, each once.
// Reports what gets none (loopback addresses, mode `host`, SCTP), and listeners that two services
// ask for.
std::vector<PublishedPort> published_ports(Builder& builder);

}  // namespace convert
