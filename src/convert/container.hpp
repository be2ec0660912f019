#pragma once

#include <string>

#include "convert/builder.hpp"
#include "convert/task.hpp"

namespace convert {

// The container definition of a service: what its image runs, with what environment, limits and
// health check.
doc::Node container_definition(Builder& builder, const Task& task, const TaskMember& member);

// `image`, else the name that `docker compose build` gives.
std::string image_name(const compose::Project& project, const compose::Service& service);

// `RepositoryCredentials` of a container that runs the service's image; Null when there are none.
doc::Node pull_credentials(Builder& builder, const compose::Service& service);

// `x-aws-pull_credentials` as the resource of a policy: its ARN, or a pattern made of its name.
// Null when not given.
doc::Node pull_secret_arn(Builder& builder, const compose::Service& service);

}  // namespace convert
