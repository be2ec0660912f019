#pragma once

#include <optional>
#include <string>
#include <variant>

namespace cli {

// The embedded engine, running containers on this Docker Engine.
struct LocalTarget {
  std::string docker_host;  // "unix:///var/run/docker.sock", "tcp://…", "ssh://…"
};

// An AWS account, reached with the credentials of a profile or of the environment.
struct AwsTarget {
  std::optional<std::string> profile;  // nothing: the environment's credentials
  std::optional<std::string> region;   // nothing: the profile's, or the environment's
};

using Endpoint = std::variant<LocalTarget, AwsTarget>;

// Where a command acts: an endpoint, and the Docker context that named it.
struct Target {
  std::string context;  // "default", "aws"
  Endpoint endpoint;

  [[nodiscard]] bool is_local() const { return std::holds_alternative<LocalTarget>(endpoint); }
};

}  // namespace cli
