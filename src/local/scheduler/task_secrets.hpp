#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "awsapi/ecs.hpp"
#include "docker/types.hpp"
#include "local/action_table.hpp"
#include "util/result.hpp"

// Values that a container gets at start and that are never stored: `secrets` (Secrets Manager,
// Parameter Store) and registry credentials. Errors are the stoppedReason of the task, in AWS's
// words.
namespace local::ecs {

using SecretValues = std::vector<std::pair<std::string, std::string>>;

// "arn:...:secret:name-AbCdEf:json-key:stage:version" taken apart; the ARN alone has empty parts.
struct SecretReference {
  std::string id;
  std::string json_key;
  std::string version_stage;
  std::string version_id;
};

SecretReference parse_secret_reference(std::string_view value_from);

util::Result<SecretValues, std::string> resolve_secrets(
    const awsapi::ecs::ContainerDefinition& container,
    const ActionTable& actions);
// Nothing when the image needs no credentials.
util::Result<std::optional<docker::RegistryCredentials>, std::string> resolve_registry_credentials(
    const awsapi::ecs::ContainerDefinition& container,
    const ActionTable& actions);
// "localhost:5056/me/app:1" -> "localhost:5056"; empty for Docker Hub
std::string registry_of(std::string_view image);

}  // namespace local::ecs
