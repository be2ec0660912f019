#pragma once

#include "convert/builder.hpp"

namespace convert {

// DeploymentConfiguration of a service: from `deploy.update_config`, else 100 % / 200 %; always
// with the circuit breaker, so that a service that never becomes healthy fails its deployment
// instead of hanging it.
doc::Node deployment_configuration(Builder& builder, const compose::Service& service);

}  // namespace convert
