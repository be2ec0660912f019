#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// The Cloud Map entry and the ECS service of a Compose service. `ports` are those of the whole
// project.
void add_service(Builder& builder,
                 const compose::Service& service,
                 const std::vector<PublishedPort>& ports);

}  // namespace convert
