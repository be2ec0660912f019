#pragma once

#include <string>
#include <vector>

#include "cli/aws_service.hpp"

namespace cli {

// The ECS account settings without which resources cannot carry tags: an account opted out of long
// ARNs is refused by tagged services and tasks.
util::Result<std::vector<std::string>, ServiceError> disabled_arn_settings(AwsService& service);

// Enables them for the account (the default of every user and role).
util::Result<void, ServiceError> enable_settings(AwsService& service,
                                                 const std::vector<std::string>& names);

}  // namespace cli
