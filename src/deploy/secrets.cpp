#include "deploy/secrets.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "awsapi/secretsmanager.hpp"
#include "util/hash.hpp"

namespace deploy {
namespace {

namespace sm = awsapi::secretsmanager;

constexpr std::size_t kMostSecretBytes = 65'536;  // Secrets Manager: SecretString
constexpr std::string_view kProjectTag = "com.docker.compose.project";
constexpr std::string_view kSecretTag = "com.docker.compose.secret";

std::string name_prefix(const std::string& project) {
  return "docker-compose/" + project + "/";
}

bool is_answer(const ApiError& error, std::string_view code) {
  return error.kind == ApiError::Kind::answered && error.code == code;
}

bool belongs_to(const std::vector<sm::Tag>& tags, const std::string& project) {
  return std::any_of(tags.begin(), tags.end(), [&](const sm::Tag& tag) {
    return tag.key == kProjectTag && tag.value == project;
  });
}

sm::Tag tag(std::string_view key, const std::string& value) {
  sm::Tag out;
  out.key = key;
  out.value = value;
  return out;
}

std::optional<Refusal> refuse_value(const SecretValue& secret) {
  if (secret.value.empty()) {
    return Refusal{"secret `" + secret.key + "` is empty: Secrets Manager keeps no empty values",
                   ""};
  }
  if (secret.value.size() > kMostSecretBytes) {
    return Refusal{"secret `" + secret.key + "` has " + std::to_string(secret.value.size()) +
                       " bytes: Secrets Manager keeps at most 65536",
                   ""};
  }
  if (secret.value.find('\0') != std::string::npos) {
    return Refusal{"secret `" + secret.key + "` is not text: ECS gives tasks text only",
                   "encode it in base64"};
  }
  return std::nullopt;
}

class SecretWriter {
 public:
  SecretWriter(Api& api, const std::string& project, const std::function<std::string()>& new_token)
      : api_(api), project_(project), new_token_(new_token) {}

  util::Result<StoredSecret, Problem> store(const SecretValue& secret) {
    if (auto refusal = refuse_value(secret)) {
      return util::unexpected(Problem(std::move(*refusal)));
    }
    sm::GetSecretValueRequest request;
    request.secret_id = secret.name;
    const auto current = api_.send(request);
    if (!current && is_answer(current.error(), "ResourceNotFoundException")) {
      return create(secret);
    }
    if (!current && is_answer(current.error(), "InvalidRequestException")) {
      return util::unexpected(Problem(
          Refusal{"secret `" + secret.name + "` is being deleted: " + current.error().message,
                  "wait, or restore it with `aws secretsmanager restore-secret --secret-id " +
                      secret.name + "`"}));
    }
    if (!current) {
      return util::unexpected(Problem(current.error()));
    }
    if (current->secret_string == secret.value) {
      return StoredSecret{current->arn.value_or(""), current->version_id.value_or("")};
    }
    return replace(secret, current->arn.value_or(secret.name));
  }

 private:
  // A version's id: 32 to 64 characters.
  [[nodiscard]] std::string version_id() const {
    return util::sha256_hex(new_token_()).substr(0, 32);
  }

  util::Result<StoredSecret, Problem> create(const SecretValue& secret) {
    sm::CreateSecretRequest request;
    request.name = secret.name;
    request.client_request_token = version_id();
    request.description = "Secret " + secret.key + " of Compose project " + project_;
    request.secret_string = secret.value;
    request.tags = {tag(kProjectTag, project_), tag(kSecretTag, secret.key)};
    const auto created = api_.send(request);
    if (!created) {
      return util::unexpected(Problem(created.error()));
    }
    return StoredSecret{created->arn.value_or(""), created->version_id.value_or("")};
  }

  util::Result<StoredSecret, Problem> replace(const SecretValue& secret, const std::string& arn) {
    sm::DescribeSecretRequest describe;
    describe.secret_id = arn;
    const auto description = api_.send(describe);
    if (!description) {
      return util::unexpected(Problem(description.error()));
    }
    if (!belongs_to(description->tags, project_)) {
      return util::unexpected(Problem(Refusal{
          "secret `" + secret.name + "` exists and does not belong to project `" + project_ + "`",
          "choose another project name with --project-name, or make the secret external"}));
    }
    sm::PutSecretValueRequest request;
    request.secret_id = arn;
    request.client_request_token = version_id();
    request.secret_string = secret.value;
    const auto stored = api_.send(request);
    if (!stored) {
      return util::unexpected(Problem(stored.error()));
    }
    return StoredSecret{arn, stored->version_id.value_or("")};
  }

  Api& api_;
  const std::string& project_;
  const std::function<std::string()>& new_token_;
};

}  // namespace

util::Result<StoredSecrets, Problem> store_secrets(Api& api,
                                                   const std::string& project,
                                                   const std::vector<SecretValue>& secrets,
                                                   const std::function<std::string()>& new_token) {
  SecretWriter writer(api, project, new_token);
  StoredSecrets out;
  for (const SecretValue& secret : secrets) {
    auto stored = writer.store(secret);
    if (!stored) {
      return util::unexpected(std::move(stored.error()));
    }
    out.emplace(secret.name, std::move(*stored));
  }
  return out;
}

ApiResult<std::vector<std::string>> delete_secrets(Api& api, const std::string& project) {
  std::vector<std::string> names;
  sm::ListSecretsRequest list;
  sm::Filter filter;
  filter.key = "name";
  filter.values = {name_prefix(project)};
  list.filters = {filter};
  const auto listed = api.for_each_page(list, [&](const sm::ListSecretsResponse& page) {
    for (const sm::SecretListEntry& entry : page.secret_list) {
      const std::string name = entry.name.value_or("");
      if (name.starts_with(name_prefix(project)) && belongs_to(entry.tags, project)) {
        names.push_back(name);
      }
    }
    return true;
  });
  if (!listed) {
    return util::unexpected(listed.error());
  }
  for (const std::string& name : names) {
    sm::DeleteSecretRequest request;
    request.secret_id = name;
    request.force_delete_without_recovery = true;
    if (const auto deleted = api.send(request);
        !deleted && !is_answer(deleted.error(), "ResourceNotFoundException")) {
      return util::unexpected(deleted.error());
    }
  }
  return names;
}

}  // namespace deploy
