#pragma once

#include <map>
#include <string>
#include <vector>

#include "awsapi/iam.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "local/providers/role_records.hpp"

namespace local {

// The roles that templates declare, shown by IAM's reading operations. Policies are kept and shown,
// not enforced.
class Iam final : public RoleRecords {
 public:
  explicit Iam(Context& context) : context_(context) {}

  void add_actions(ActionTable& actions);
  void restore();

  util::Result<RoleIdentity, ApiError> create_role(const RoleDefinition& role) override;
  util::Result<RoleIdentity, ApiError> update_role(const RoleDefinition& role) override;
  void remove_role(const std::string& name) override;
  util::Result<void, ApiError> put_role_policy(const std::string& role,
                                               const std::string& policy,
                                               const doc::Node& document) override;
  void remove_role_policy(const std::string& role, const std::string& policy) override;

 private:
  struct Entry {
    awsapi::iam::Role role;
    std::vector<std::string> managed;             // ARNs
    std::map<std::string, std::string> policies;  // name -> document, as JSON
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;

  static void describe(Entry& entry, const RoleDefinition& definition);
  void save(const Entry& entry);
  Answer<Entry*> find(const std::string& name);

  Context& context_;
  std::map<std::string, Entry> roles_;
};

}  // namespace local
