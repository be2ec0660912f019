#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "deploy/execute.hpp"

namespace deploy {

// A secret of the project, with the value that its tasks are to get. The value goes to Secrets
// Manager and nowhere else.
struct SecretValue {
  std::string key;   // in the Compose file
  std::string name;  // in Secrets Manager
  std::string value;
};

struct StoredSecret {
  std::string arn;
  std::string version_id;
};

// Makes Secrets Manager hold the values: an unchanged one keeps its version. A secret of that name
// which another made is left alone, and refused. Keyed by name.
using StoredSecrets = std::map<std::string, StoredSecret>;
util::Result<StoredSecrets, Problem> store_secrets(Api& api,
                                                   const std::string& project,
                                                   const std::vector<SecretValue>& secrets,
                                                   const std::function<std::string()>& new_token);

// Deletes what `store_secrets` made for the project; returns the names.
ApiResult<std::vector<std::string>> delete_secrets(Api& api, const std::string& project);

}  // namespace deploy
