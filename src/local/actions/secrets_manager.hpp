#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "awsapi/secretsmanager.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "local/state/sealer.hpp"

namespace local {

// Secrets with versions and staging labels, the recovery window, idempotent tokens. Values are
// sealed before they reach the store and appear in nothing but GetSecretValue's answer.
class SecretsManager {
 public:
  SecretsManager(Context& context, const Sealer& sealer) : context_(context), sealer_(sealer) {}

  void add_actions(ActionTable& actions);
  void restore();
  // Whether the store has values that only the engine's key opens.
  static bool holds_sealed(Store& store);

 private:
  struct Version {
    std::string id;
    std::vector<std::string> stages;
    std::int64_t created = 0;   // milliseconds, as everywhere here
    std::int64_t accessed = 0;  // the day; 0 = never
    bool binary = false;
    std::string sealed;
  };

  struct Secret {
    awsapi::secretsmanager::SecretListEntry entry;  // without SecretVersionsToStages
    std::vector<Version> versions;                  // oldest first
  };

  // A new value of a request: text or bytes.
  struct Value {
    std::string bytes;
    bool binary = false;
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;

  // By name, ARN, or ARN without its random suffix. `find_live` refuses a secret that waits for its
  // deletion.
  Answer<Secret*> find(const std::string& id);
  Answer<Secret*> find_live(const std::string& id);
  Answer<std::optional<Value>> value_of(const std::optional<std::string>& text,
                                        const std::optional<awsapi::Blob>& bytes) const;
  // Adds a version, or finds that this very request was served before. Empty answer: nothing
  // changed.
  Answer<Version*> add_version(Secret& secret,
                               const std::optional<std::string>& token,
                               const Value& value,
                               std::vector<std::string> stages);
  [[nodiscard]] std::optional<std::string> open(const Secret& secret, const Version& version) const;
  static void move_stage(Secret& secret, Version& to, const std::string& stage);
  [[nodiscard]] awsapi::secretsmanager::SecretListEntry listed(const Secret& secret) const;
  void touch(Secret& secret);
  void save(const Secret& secret);
  void erase(const std::string& arn);
  void erase_when_due(const std::string& arn);

  Answer<awsapi::secretsmanager::CreateSecretResponse> create(
      const awsapi::secretsmanager::CreateSecretRequest& request);
  Answer<awsapi::secretsmanager::CreateSecretResponse> create_again(
      Secret& secret,
      const awsapi::secretsmanager::CreateSecretRequest& request,
      const std::optional<Value>& value);
  Answer<awsapi::secretsmanager::PutSecretValueResponse> put_value(
      const awsapi::secretsmanager::PutSecretValueRequest& request);
  Answer<awsapi::secretsmanager::UpdateSecretResponse> update(
      const awsapi::secretsmanager::UpdateSecretRequest& request);
  Answer<awsapi::secretsmanager::GetSecretValueResponse> get_value(
      const awsapi::secretsmanager::GetSecretValueRequest& request);
  Answer<awsapi::secretsmanager::DeleteSecretResponse> remove(
      const awsapi::secretsmanager::DeleteSecretRequest& request);
  Answer<awsapi::secretsmanager::DescribeSecretResponse> describe(
      const awsapi::secretsmanager::DescribeSecretRequest& request);
  Answer<awsapi::secretsmanager::ListSecretsResponse> list(
      const awsapi::secretsmanager::ListSecretsRequest& request);
  Answer<awsapi::secretsmanager::ListSecretVersionIdsResponse> list_versions(
      const awsapi::secretsmanager::ListSecretVersionIdsRequest& request);
  void add_tag_actions(ActionTable& actions);

  Context& context_;
  const Sealer& sealer_;
  std::map<std::string, Secret> secrets_;  // by ARN
};

}  // namespace local
