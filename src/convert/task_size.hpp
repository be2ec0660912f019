#pragma once

#include <optional>

#include "convert/fargate_size.hpp"
#include "convert/task.hpp"

namespace convert {

// What a service asks for: its limits, and where one is not given the reservation of the same
// resource.
struct SizeRequest {
  std::optional<compose::Cpus> cpus;
  std::optional<compose::Bytes> memory;
};

SizeRequest requested_size(const compose::Service& service);

// The smallest Fargate size that holds all containers of the task; says when that is more than they
// ask for.
FargateSize task_size(Builder& builder, const Task& task);

// `EphemeralStorage`, by `x-aws-ephemeral_storage` in GiB or Compose-X's label; Null for what every
// task has.
doc::Node ephemeral_storage(Builder& builder, const Task& task);

}  // namespace convert
