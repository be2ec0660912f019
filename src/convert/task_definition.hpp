#pragma once

#include "convert/builder.hpp"

namespace convert {

// The task definition of a service and the execution role that pulls its image and writes its logs.
void add_task(Builder& builder, const compose::Service& service);

}  // namespace convert
