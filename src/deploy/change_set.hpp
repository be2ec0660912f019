#pragma once

#include <optional>
#include <string>
#include <vector>

#include "deploy/execute.hpp"

namespace deploy {

struct PreparedChangeSet {
  std::string id;        // ARN
  std::string stack_id;  // ARN
  std::vector<PlannedChange> changes;
};

// Creates a change set and waits until CloudFormation has computed it. Nothing when there is
// nothing to change (the empty change set is removed again).
util::Result<std::optional<PreparedChangeSet>, Problem> prepare_change_set(World& world,
                                                                           const Intent& intent,
                                                                           ChangeKind kind);

}  // namespace deploy
