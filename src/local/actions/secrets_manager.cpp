#include "local/actions/secrets_manager.hpp"

#include <algorithm>

#include "local/store.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

namespace api_secrets = awsapi::secretsmanager;

constexpr std::string_view kSecretKind = "secretsmanager.secret";
constexpr std::int64_t kDay = std::int64_t{24} * 60 * 60 * 1000;
constexpr std::size_t kKeptVersions = 100;
constexpr std::string_view kCurrent = "AWSCURRENT";
constexpr std::string_view kPrevious = "AWSPREVIOUS";

util::unexpected<ApiError> secret_error(std::string code, std::string message) {
  return util::unexpected(ApiError{std::move(code), std::move(message), 400});
}

bool is_secret_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return util::is_alnum(c) || std::string_view("-/_+=.@!").find(c) != std::string_view::npos;
  });
}

bool has_stage(const std::vector<std::string>& stages, std::string_view stage) {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

}  // namespace

void SecretsManager::add_actions(ActionTable& actions) {
  actions.add<api_secrets::CreateSecretRequest>(
      [this](const auto& request) { return create(request); });
  actions.add<api_secrets::PutSecretValueRequest>(
      [this](const auto& request) { return put_value(request); });
  actions.add<api_secrets::UpdateSecretRequest>(
      [this](const auto& request) { return update(request); });
  actions.add<api_secrets::GetSecretValueRequest>(
      [this](const auto& request) { return get_value(request); });
  actions.add<api_secrets::DeleteSecretRequest>(
      [this](const auto& request) { return remove(request); });
  actions.add<api_secrets::DescribeSecretRequest>(
      [this](const auto& request) { return describe(request); });
  actions.add<api_secrets::ListSecretsRequest>(
      [this](const auto& request) { return list(request); });
  actions.add<api_secrets::ListSecretVersionIdsRequest>(
      [this](const auto& request) { return list_versions(request); });
  add_tag_actions(actions);
}

SecretsManager::Answer<SecretsManager::Secret*> SecretsManager::find(const std::string& id) {
  for (auto& [arn, secret] : secrets_) {
    const bool partial =
        id.starts_with("arn:") && arn.size() == id.size() + 7 && arn.starts_with(id + "-");
    if (arn == id || secret.entry.name == id || partial) {
      return &secret;
    }
  }
  return secret_error("ResourceNotFoundException",
                      "Secrets Manager can't find the specified secret.");
}

SecretsManager::Answer<SecretsManager::Secret*> SecretsManager::find_live(const std::string& id) {
  auto secret = find(id);
  if (secret && (*secret)->entry.deleted_date) {
    return secret_error(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.");
  }
  return secret;
}

SecretsManager::Answer<std::optional<SecretsManager::Value>> SecretsManager::value_of(
    const std::optional<std::string>& text,
    const std::optional<awsapi::Blob>& bytes) const {
  if (text && bytes) {
    return secret_error(
        "InvalidParameterException",
        "You can't specify both a binary secret value and a string secret value in the same secret.");
  }
  if (text) {
    return Value{*text, false};
  }
  if (bytes) {
    return Value{bytes->bytes, true};
  }
  return std::optional<Value>();
}

std::optional<std::string> SecretsManager::open(const Secret& secret,
                                                const Version& version) const {
  return sealer_.open(version.sealed, *secret.entry.arn + "|" + version.id);
}

void SecretsManager::move_stage(Secret& secret, Version& to, const std::string& stage) {
  for (Version& version : secret.versions) {
    if (&version == &to || !has_stage(version.stages, stage)) {
      continue;
    }
    std::erase(version.stages, stage);
    if (stage == kCurrent) {
      for (Version& other : secret.versions) {
        std::erase(other.stages, std::string(kPrevious));
      }
      version.stages.emplace_back(kPrevious);
    }
  }
  if (!has_stage(to.stages, stage)) {
    to.stages.push_back(stage);
  }
}

SecretsManager::Answer<SecretsManager::Version*> SecretsManager::add_version(
    Secret& secret,
    const std::optional<std::string>& token,
    const Value& value,
    std::vector<std::string> stages) {
  const std::string id = token ? *token : context_.ids.uuid();
  for (Version& version : secret.versions) {
    if (version.id == id) {
      if (version.binary == value.binary && open(secret, version) == value.bytes) {
        return &version;
      }
      return secret_error("ResourceExistsException",
                          "You can't use ClientRequestToken " + id +
                              " because that value is already in use for a version of secret " +
                              *secret.entry.arn + ".");
    }
  }
  // Versions without a label may go when there are too many; the newest stay.
  while (secret.versions.size() >= kKeptVersions) {
    const auto unused = std::find_if(secret.versions.begin(),
                                     secret.versions.end(),
                                     [](const Version& version) { return version.stages.empty(); });
    if (unused == secret.versions.end()) {
      return secret_error("LimitExceededException",
                          "You have exceeded the number of versions of a secret.");
    }
    secret.versions.erase(unused);
  }
  Version& version = secret.versions.emplace_back();
  version.id = id;
  version.created = context_.now().time_since_epoch().count();
  version.binary = value.binary;
  version.sealed = sealer_.seal(value.bytes, *secret.entry.arn + "|" + id);
  if (stages.empty() || secret.versions.size() == 1) {
    stages.emplace_back(kCurrent);
  }
  for (const std::string& stage : stages) {
    move_stage(secret, version, stage);
  }
  touch(secret);
  return &version;
}

void SecretsManager::touch(Secret& secret) {
  secret.entry.last_changed_date = awsapi::Timestamp{context_.now().time_since_epoch().count()};
}

SecretsManager::Answer<api_secrets::CreateSecretResponse> SecretsManager::create(
    const api_secrets::CreateSecretRequest& request) {
  if (!is_secret_name(request.name)) {
    return secret_error(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
        "following: -/_+=.@!");
  }
  if (!request.add_replica_regions.empty()) {
    return secret_error("InvalidParameterException",
                        "The local engine has one region: secrets are not replicated.");
  }
  const auto value = value_of(request.secret_string, request.secret_binary);
  if (!value) {
    return util::unexpected(value.error());
  }
  for (auto& [arn, secret] : secrets_) {
    if (secret.entry.name == request.name) {
      return create_again(secret, request, *value);
    }
  }
  const std::string arn =
      context_.arn("secretsmanager", "secret:" + request.name + "-" + context_.ids.alnum(6));
  Secret& secret = secrets_[arn];
  secret.entry.arn = arn;
  secret.entry.name = request.name;
  secret.entry.description = request.description;
  secret.entry.kms_key_id = request.kms_key_id;
  secret.entry.type = request.type;
  secret.entry.tags = request.tags;
  secret.entry.created_date = awsapi::Timestamp{context_.now().time_since_epoch().count()};
  touch(secret);
  api_secrets::CreateSecretResponse response;
  response.arn = arn;
  response.name = request.name;
  if (*value) {
    response.version_id = (*add_version(secret, request.client_request_token, **value, {}))->id;
  }
  save(secret);
  return response;
}

SecretsManager::Answer<api_secrets::CreateSecretResponse> SecretsManager::create_again(
    Secret& secret,
    const api_secrets::CreateSecretRequest& request,
    const std::optional<Value>& value) {
  if (secret.entry.deleted_date) {
    return secret_error(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for "
        "deletion.");
  }
  for (const Version& version : secret.versions) {
    if (request.client_request_token == version.id && value && version.binary == value->binary &&
        open(secret, version) == value->bytes) {
      api_secrets::CreateSecretResponse response;
      response.arn = secret.entry.arn;
      response.name = secret.entry.name;
      response.version_id = version.id;
      return response;
    }
  }
  return secret_error(
      "ResourceExistsException",
      "The operation failed because the secret " + request.name + " already exists.");
}

SecretsManager::Answer<api_secrets::PutSecretValueResponse> SecretsManager::put_value(
    const api_secrets::PutSecretValueRequest& request) {
  const auto secret = find_live(request.secret_id);
  if (!secret) {
    return util::unexpected(secret.error());
  }
  const auto value = value_of(request.secret_string, request.secret_binary);
  if (!value) {
    return util::unexpected(value.error());
  }
  if (!*value) {
    return secret_error("InvalidParameterException",
                        "You must provide either SecretString or SecretBinary.");
  }
  const auto version =
      add_version(**secret, request.client_request_token, **value, request.version_stages);
  if (!version) {
    return util::unexpected(version.error());
  }
  save(**secret);
  api_secrets::PutSecretValueResponse response;
  response.arn = (*secret)->entry.arn;
  response.name = (*secret)->entry.name;
  response.version_id = (*version)->id;
  response.version_stages = (*version)->stages;
  return response;
}

SecretsManager::Answer<api_secrets::UpdateSecretResponse> SecretsManager::update(
    const api_secrets::UpdateSecretRequest& request) {
  const auto secret = find_live(request.secret_id);
  if (!secret) {
    return util::unexpected(secret.error());
  }
  const auto value = value_of(request.secret_string, request.secret_binary);
  if (!value) {
    return util::unexpected(value.error());
  }
  api_secrets::UpdateSecretResponse response;
  if (*value) {
    const auto version = add_version(**secret, request.client_request_token, **value, {});
    if (!version) {
      return util::unexpected(version.error());
    }
    response.version_id = (*version)->id;
  }
  if (request.description) {
    (*secret)->entry.description = request.description;
  }
  if (request.kms_key_id) {
    (*secret)->entry.kms_key_id = request.kms_key_id;
  }
  touch(**secret);
  save(**secret);
  response.arn = (*secret)->entry.arn;
  response.name = (*secret)->entry.name;
  return response;
}

SecretsManager::Answer<api_secrets::GetSecretValueResponse> SecretsManager::get_value(
    const api_secrets::GetSecretValueRequest& request) {
  const auto secret = find_live(request.secret_id);
  if (!secret) {
    return util::unexpected(secret.error());
  }
  const std::string stage =
      request.version_stage.value_or(request.version_id ? "" : std::string(kCurrent));
  const auto at = std::find_if(
      (*secret)->versions.begin(), (*secret)->versions.end(), [&](const Version& version) {
        return request.version_id ? version.id == *request.version_id
                                  : has_stage(version.stages, stage);
      });
  if (at == (*secret)->versions.end()) {
    return secret_error(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for " +
            (request.version_id ? "VersionId: " + *request.version_id : "staging label: " + stage));
  }
  if (!stage.empty() && !has_stage(at->stages, stage)) {
    return secret_error(
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.");
  }
  auto value = open(**secret, *at);
  if (!value) {
    return secret_error(
        "DecryptionFailure",
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.");
  }
  const std::int64_t today = context_.now().time_since_epoch().count() / kDay * kDay;
  if (at->accessed != today) {
    at->accessed = today;
    (*secret)->entry.last_accessed_date = awsapi::Timestamp{today};
    save(**secret);
  }
  api_secrets::GetSecretValueResponse response;
  response.arn = (*secret)->entry.arn;
  response.name = (*secret)->entry.name;
  response.version_id = at->id;
  response.version_stages = at->stages;
  response.created_date = awsapi::Timestamp{at->created};
  if (at->binary) {
    response.secret_binary = awsapi::Blob{std::move(*value)};
  } else {
    response.secret_string = std::move(*value);
  }
  return response;
}

SecretsManager::Answer<api_secrets::DeleteSecretResponse> SecretsManager::remove(
    const api_secrets::DeleteSecretRequest& request) {
  const bool force = request.force_delete_without_recovery.value_or(false);
  if (force && request.recovery_window_in_days) {
    return secret_error(
        "InvalidParameterException",
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  const std::int64_t days = request.recovery_window_in_days.value_or(30);
  if (!force && (days < 7 || days > 30)) {
    return secret_error(
        "InvalidParameterException",
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  }
  const std::int64_t now = context_.now().time_since_epoch().count();
  const auto secret = find(request.secret_id);
  if (!secret) {
    if (!force) {
      return util::unexpected(secret.error());
    }
    // Forcing the deletion of what does not exist succeeds on AWS too.
    const bool is_arn = request.secret_id.starts_with("arn:");
    const std::size_t name = request.secret_id.rfind(':') + 1;
    return api_secrets::DeleteSecretResponse{
        is_arn ? request.secret_id : context_.arn("secretsmanager", "secret:" + request.secret_id),
        request.secret_id.substr(is_arn ? name : 0),
        awsapi::Timestamp{now}};
  }
  api_secrets::DeleteSecretResponse response{(*secret)->entry.arn,
                                             (*secret)->entry.name,
                                             awsapi::Timestamp{force ? now : now + days * kDay}};
  if (force) {
    erase(*response.arn);
    return response;
  }
  if ((*secret)->entry.deleted_date) {
    return secret_error(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was already scheduled for "
        "deletion.");
  }
  (*secret)->entry.deleted_date = response.deletion_date;
  save(**secret);
  erase_when_due(*response.arn);
  return response;
}

void SecretsManager::erase(const std::string& arn) {
  context_.store.remove(kSecretKind, arn);
  secrets_.erase(arn);
}

void SecretsManager::erase_when_due(const std::string& arn) {
  const auto at = secrets_.find(arn);
  if (at == secrets_.end() || !at->second.entry.deleted_date) {
    return;
  }
  const util::Clock::TimePoint due{
      std::chrono::milliseconds{at->second.entry.deleted_date->millis}};
  context_.timers.at(due, [this, arn, due] {
    const auto again = secrets_.find(arn);
    if (again != secrets_.end() && again->second.entry.deleted_date &&
        again->second.entry.deleted_date->millis == due.time_since_epoch().count()) {
      erase(arn);
    }
  });
}

void SecretsManager::save(const Secret& secret) {
  std::vector<doc::Node> versions;
  for (const Version& version : secret.versions) {
    std::vector<doc::Node> stages;
    for (const std::string& stage : version.stages) {
      stages.emplace_back(stage);
    }
    versions.push_back(doc::map({{"id", doc::Node(version.id)},
                                 {"stages", doc::list(std::move(stages))},
                                 {"created", doc::Node(version.created)},
                                 {"accessed", doc::Node(version.accessed)},
                                 {"binary", doc::Node(version.binary)},
                                 {"sealed", doc::Node(version.sealed)}}));
  }
  context_.store.put(kSecretKind,
                     *secret.entry.arn,
                     doc::map({{"entry", secret.entry.to_node(awsapi::EmptyLists::omit)},
                               {"versions", doc::list(std::move(versions))}}));
}

bool SecretsManager::holds_sealed(Store& store) {
  bool any = false;
  store.each(kSecretKind, [&any](const std::string&, const doc::Node&) { any = true; });
  return any;
}

void SecretsManager::restore() {
  const auto text = [](const doc::Node& node, std::string_view key) {
    const doc::Node* value = node.find(key);
    return value != nullptr && value->as_string() != nullptr ? *value->as_string() : std::string();
  };
  const auto number = [](const doc::Node& node, std::string_view key) {
    const doc::Node* value = node.find(key);
    return value != nullptr && value->as_int() != nullptr ? *value->as_int() : 0;
  };
  context_.store.each(kSecretKind, [&](const std::string& arn, const doc::Node& body) {
    Secret& secret = secrets_[arn];
    if (const doc::Node* entry = body.find("entry")) {
      secret.entry = api_secrets::SecretListEntry::from_node(*entry);
    }
    const doc::Node* versions = body.find("versions");
    for (const doc::Node& node : versions != nullptr && versions->as_sequence() != nullptr
                                     ? versions->as_sequence()->items
                                     : std::vector<doc::Node>{}) {
      Version& version = secret.versions.emplace_back();
      version.id = text(node, "id");
      version.created = number(node, "created");
      version.accessed = number(node, "accessed");
      version.sealed = text(node, "sealed");
      const doc::Node* binary = node.find("binary");
      version.binary = binary != nullptr && binary->as_bool() != nullptr && *binary->as_bool();
      const doc::Node* stages = node.find("stages");
      for (const doc::Node& stage : stages != nullptr && stages->as_sequence() != nullptr
                                        ? stages->as_sequence()->items
                                        : std::vector<doc::Node>{}) {
        if (stage.as_string() != nullptr) {
          version.stages.push_back(*stage.as_string());
        }
      }
    }
    erase_when_due(arn);
  });
}

}  // namespace local
