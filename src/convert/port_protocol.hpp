#pragma once

#include "convert/ports.hpp"

namespace convert {

// Sets how a published port is served: by which load balancer, with TLS or not, with which version
// of HTTP. `ingress` of the port is set. Reports what contradicts itself.
void decide_protocol(Builder& builder, const compose::Port* written, PublishedPort& port);

// After all ports are known: the ports of one HTTP listener speak TLS if one of them brings a
// certificate. Reports ports that need TLS and have none.
void settle_tls(Builder& builder, std::vector<PublishedPort>& ports);

}  // namespace convert
