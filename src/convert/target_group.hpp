#pragma once

#include <cstdint>
#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// The target group of a published port: how its load balancer reaches the tasks, and how it asks
// whether they are well. The question comes from `x-aws-ingress.healthcheck`, else from a `curl` or
// `wget` in the Compose health check, else it is GET / for HTTP and a connection for TCP.
void add_target_group(Builder& builder, const PublishedPort& port);

// The port of the container that is asked.
std::uint32_t health_port(const PublishedPort& port);

// In seconds: how long failing health checks of a starting task are let be. As long as the
// container may take to become healthy, a minute at least, unless the file says otherwise.
std::int64_t grace_seconds(const compose::Service& service,
                           const std::vector<PublishedPort>& ports);

// ResourceLabel of the metric ALBRequestCountPerTarget; Null for a port that is not HTTP.
doc::Node request_count_label(const compose::Project& project,
                              const std::vector<PublishedPort>& ports,
                              const PublishedPort& port);

}  // namespace convert
