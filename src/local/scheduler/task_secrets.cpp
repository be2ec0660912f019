#include "local/scheduler/task_secrets.hpp"

#include <algorithm>

#include "awsapi/secretsmanager.hpp"
#include "awsapi/ssm.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace local::ecs {
namespace {

constexpr std::string_view kPrefix =
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";

util::unexpected<std::string> secret_error(std::string_view from, std::string_view what) {
  return util::unexpected<std::string>(
      std::string(kPrefix) + "unable to retrieve secret from " + std::string(from) +
      ": service call has been retried 1 time(s): " + std::string(what));
}

util::Result<std::string, ApiError> secret_value(const SecretReference& reference,
                                                 const ActionTable& actions) {
  awsapi::secretsmanager::GetSecretValueRequest request;
  request.secret_id = reference.id;
  if (!reference.version_stage.empty()) {
    request.version_stage = reference.version_stage;
  }
  if (!reference.version_id.empty()) {
    request.version_id = reference.version_id;
  }
  auto response = actions.call(request);
  if (!response) {
    return util::unexpected(std::move(response.error()));
  }
  return response->secret_string ? *response->secret_string
                                 : response->secret_binary.value_or(awsapi::Blob{}).bytes;
}

std::optional<std::string> json_member(const std::string& text, std::string_view key) {
  const auto document = doc::read_json(text);
  const doc::Node* member = document ? document->find(key) : nullptr;
  if (member == nullptr) {
    return std::nullopt;
  }
  return member->as_string() != nullptr ? *member->as_string() : doc::to_json(*member);
}

util::Result<std::string, std::string> from_secrets_manager(std::string_view value_from,
                                                            const ActionTable& actions) {
  const SecretReference reference = parse_secret_reference(value_from);
  auto value = secret_value(reference, actions);
  if (!value) {
    return secret_error("asm",
                        "failed to fetch secret " + reference.id + " from secrets manager: " +
                            value.error().code + ": " + value.error().message);
  }
  if (reference.json_key.empty()) {
    return std::move(*value);
  }
  auto member = json_member(*value, reference.json_key);
  if (!member) {
    return secret_error(
        "asm",
        "retrieved secret from Secrets Manager did not contain json key " + reference.json_key);
  }
  return std::move(*member);
}

util::Result<std::string, std::string> from_parameter_store(std::string_view value_from,
                                                            const ActionTable& actions) {
  constexpr std::string_view kResource = ":parameter";
  const std::size_t at = value_from.find(kResource);
  std::string name(value_from.starts_with("arn:") && at != std::string_view::npos
                       ? value_from.substr(at + kResource.size())
                       : value_from);
  // "arn:...:parameter/name" names both "name" and "/name/with/levels".
  if (value_from.starts_with("arn:") && std::count(name.begin(), name.end(), '/') == 1) {
    name.erase(0, 1);
  }
  awsapi::ssm::GetParametersRequest request;
  request.names = {name};
  request.with_decryption = true;
  auto response = actions.call(request);
  if (!response) {
    return secret_error("ssm", response.error().code + ": " + response.error().message);
  }
  if (response->parameters.empty()) {
    return secret_error("ssm", "invalid ssm parameters: " + name);
  }
  return response->parameters.front().value.value_or("");
}

}  // namespace

SecretReference parse_secret_reference(std::string_view value_from) {
  constexpr std::size_t kArnParts = 7;
  std::vector<std::string> parts = util::split(value_from, ':');
  SecretReference out;
  if (parts.size() <= kArnParts || !value_from.starts_with("arn:")) {
    out.id = std::string(value_from);
    return out;
  }
  parts.resize(std::max(parts.size(), kArnParts + 3));
  out.json_key = parts[kArnParts];
  out.version_stage = parts[kArnParts + 1];
  out.version_id = parts[kArnParts + 2];
  parts.resize(kArnParts);
  out.id = util::join(parts, ":");
  return out;
}

util::Result<SecretValues, std::string> resolve_secrets(
    const awsapi::ecs::ContainerDefinition& container,
    const ActionTable& actions) {
  SecretValues out;
  for (const awsapi::ecs::Secret& secret : container.secrets) {
    const bool manager = secret.value_from.find(":secretsmanager:") != std::string::npos;
    auto value = manager ? from_secrets_manager(secret.value_from, actions)
                         : from_parameter_store(secret.value_from, actions);
    if (!value) {
      return util::unexpected(std::move(value.error()));
    }
    out.emplace_back(secret.name, std::move(*value));
  }
  return out;
}

util::Result<std::optional<docker::RegistryCredentials>, std::string> resolve_registry_credentials(
    const awsapi::ecs::ContainerDefinition& container,
    const ActionTable& actions) {
  if (!container.repository_credentials) {
    return std::optional<docker::RegistryCredentials>{};
  }
  auto value = secret_value(
      parse_secret_reference(container.repository_credentials->credentials_parameter), actions);
  if (!value) {
    return util::unexpected(std::string(kPrefix) +
                            "unable to retrieve secret from asm: service call has been retried " +
                            "1 time(s): failed to fetch secret " +
                            container.repository_credentials->credentials_parameter +
                            " from secrets manager: " + value.error().code + ": " +
                            value.error().message);
  }
  const auto username = json_member(*value, "username");
  const auto password = json_member(*value, "password");
  if (!username || !password) {
    return util::unexpected(
        std::string(kPrefix) +
        "unable to get registry auth from asm: the secret must be a JSON object with \"username\" "
        "and \"password\"");
  }
  return std::optional(
      docker::RegistryCredentials{*username, *password, registry_of(container.image.value_or(""))});
}

std::string registry_of(std::string_view image) {
  const std::size_t slash = image.find('/');
  const std::string_view first = image.substr(0, slash);
  const bool is_host = slash != std::string_view::npos &&
                       (first.find('.') != std::string_view::npos ||
                        first.find(':') != std::string_view::npos || first == "localhost");
  return is_host ? std::string(first) : std::string();
}

}  // namespace local::ecs
