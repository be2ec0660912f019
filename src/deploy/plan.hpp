#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "deploy/stack.hpp"
#include "util/result.hpp"

namespace deploy {

// What the user wants to be there.
struct Intent {
  std::string project;
  std::string stack_name;
  std::string template_body;                      // JSON
  std::map<std::string, std::string> parameters;  // a list's items are joined by commas
};

// The steps of `up` and `down`. A step that waits or deletes changes what is there, so the plan is
// made anew after it.
struct FollowOperation {
  std::string stack_id;
  std::string status;
};

struct DeleteStack {
  std::string stack_id;
  std::string
      because;  // the stack's state, for the user; empty when deletion is what was asked for
  bool failed_creation = false;  // the reason of the failure is worth showing first
};

enum class ChangeKind { create, update };

struct ApplyTemplate {
  ChangeKind kind = ChangeKind::create;
};

using Step = std::variant<FollowOperation, DeleteStack, ApplyTemplate>;

struct Plan {
  std::vector<Step> steps;
};

// Why nothing will be done.
struct Refusal {
  std::string message;
  std::string help;
};

// Pure. Empty steps: nothing is there to remove (`down` only).
util::Result<Plan, Refusal> plan_up(const Intent& intent, const std::optional<RemoteStack>& remote);
util::Result<Plan, Refusal> plan_down(const std::string& project,
                                      const std::optional<RemoteStack>& remote);

// One line a step.
std::string describe(const Plan& plan);

}  // namespace deploy
