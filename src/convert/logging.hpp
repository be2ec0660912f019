#pragma once

#include "convert/builder.hpp"

namespace convert {

// False for driver `none`.
bool writes_logs(const compose::Service& service);

// The awslogs configuration of a service's containers, with its own awslogs options.
doc::Node log_configuration(const Builder& builder, const compose::Service& service);

// Says which logging options have no effect.
void report_logging(Builder& builder, const compose::Service& service);

// What an execution role must be allowed to write to; null when the service writes no logs.
doc::Node log_streams_arn(const compose::Service& service);

}  // namespace convert
