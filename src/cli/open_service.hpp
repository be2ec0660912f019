#pragma once

#include <memory>

#include "cli/session.hpp"

namespace cli {

// The real OpenService: AWS with the target's profile and region, or the local engine, which is
// started when it is not running.
util::Result<std::unique_ptr<AwsService>, Failure> open_service(const Session& session,
                                                                const Target& target);

}  // namespace cli
