#pragma once

#include "convert/builder.hpp"

namespace convert {

// The container's HealthCheck, with Compose's defaults written out and times moved into ECS's
// ranges (said). Null when there is none: ECS never uses the image's own.
doc::Node health_check(Builder& builder, const compose::Service& service);

}  // namespace convert
