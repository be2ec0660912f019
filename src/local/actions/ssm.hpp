#pragma once

#include <map>
#include <string>

#include "awsapi/ssm.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "local/state/sealer.hpp"

namespace local {

// Parameter Store: the newest version of each parameter. SecureString values are sealed at rest, as
// secrets are.
class Ssm {
 public:
  Ssm(Context& context, const Sealer& sealer) : context_(context), sealer_(sealer) {}

  void add_actions(ActionTable& actions);
  void restore();
  // Whether the store has values that only the engine's key opens.
  static bool holds_sealed(Store& store);

 private:
  struct Entry {
    awsapi::ssm::ParameterMetadata about;
    std::string value;  // sealed when a SecureString
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;

  Answer<awsapi::ssm::PutParameterResponse> put(const awsapi::ssm::PutParameterRequest& request);
  // By name, "name:version" or ARN.
  Answer<awsapi::ssm::Parameter> get(const std::string& name, bool decrypt) const;
  Answer<awsapi::ssm::DescribeParametersResponse> describe(
      const awsapi::ssm::DescribeParametersRequest& request) const;
  [[nodiscard]] std::string context_of(const awsapi::ssm::ParameterMetadata& about) const;

  Context& context_;
  const Sealer& sealer_;
  std::map<std::string, Entry> parameters_;  // by name
};

}  // namespace local
