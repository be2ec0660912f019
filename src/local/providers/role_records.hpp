#pragma once

#include <string>
#include <utility>
#include <vector>

#include "doc/node.hpp"
#include "local/api_error.hpp"
#include "util/result.hpp"

namespace local {

// An IAM role as a template declares it.
struct RoleDefinition {
  std::string name;
  std::string path = "/";
  std::string description;
  doc::Node assume_role_policy;
  std::vector<std::string> managed_policy_arns;
  std::vector<std::pair<std::string, doc::Node>> inline_policies;  // name -> document
  std::vector<std::pair<std::string, std::string>> tags;
};

struct RoleIdentity {
  std::string arn;
  std::string id;  // "AROA…"
};

// The roles of the engine, as the providers need them; the IAM module implements it. The API has no
// operations that create roles, so this is the one way in.
class RoleRecords {
 public:
  RoleRecords() = default;
  RoleRecords(const RoleRecords&) = delete;
  RoleRecords& operator=(const RoleRecords&) = delete;
  virtual ~RoleRecords() = default;

  // EntityAlreadyExists when there is one of that name.
  virtual util::Result<RoleIdentity, ApiError> create_role(const RoleDefinition& role) = 0;
  virtual util::Result<RoleIdentity, ApiError> update_role(const RoleDefinition& role) = 0;
  // A role that is gone already is no error.
  virtual void remove_role(const std::string& name) = 0;
  virtual util::Result<void, ApiError> put_role_policy(const std::string& role,
                                                       const std::string& policy,
                                                       const doc::Node& document) = 0;
  virtual void remove_role_policy(const std::string& role, const std::string& policy) = 0;
};

}  // namespace local
