#pragma once

#include "convert/builder.hpp"

namespace convert {

// DeploymentConfiguration of a service: from `deploy.update_config`, else 100 % / 200 %, or 0 % /
// 100 % for a single task with a volume; always with the circuit breaker, so that a service that
// never becomes healthy fails its deployment instead of hanging it.
doc::Node deployment_configuration(Builder& builder, const compose::Service& service);

}  // namespace convert
