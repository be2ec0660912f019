#pragma once

#include "convert/builder.hpp"
#include "convert/ports.hpp"

namespace convert {

// Whether `deploy.x-aws-autoscaling` decides how many tasks there are; the ECS service then has no
// number of its own, which a deployment would bring back.
bool is_scaled(const compose::Service& service);

// <Service>ScalableTarget and a policy for each of `cpu`, `memory` (in percent) and `requests` (per
// task and minute).
void add_autoscaling(Builder& builder,
                     const compose::Service& service,
                     const std::vector<PublishedPort>& ports);

}  // namespace convert
