#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/cloudformation.hpp"
#include "deploy/api.hpp"

namespace deploy {

// What a stack's status means to whoever wants to deploy to it or delete it.
enum class StackPhase : std::uint8_t {
  shell,  // REVIEW_IN_PROGRESS: a change set was made but never executed; there is no resource
  busy,   // an operation is under way
  ready,  // the last operation succeeded, or an update was rolled back completely
  failed_creation,  // ROLLBACK_COMPLETE and its kin: nothing but deletion is possible
  failed_deletion,  // DELETE_FAILED
  failed_update,    // UPDATE_FAILED, UPDATE_ROLLBACK_FAILED: needs a hand
  gone,             // DELETE_COMPLETE
};

StackPhase phase_of(std::string_view stack_status);

struct StackOutput {
  std::string name;
  std::string value;
  std::string description;
};

// A stack as it is at the endpoint.
struct RemoteStack {
  std::string id;  // ARN
  std::string name;
  std::string status;
  std::string status_reason;
  std::string project;  // tag com.docker.compose.project; empty when it has none
  std::vector<StackOutput> outputs;

  [[nodiscard]] StackPhase phase() const { return phase_of(status); }
};

// By name or ARN; nothing when there is no such stack (or, by name, no longer).
ApiResult<std::optional<RemoteStack>> read_stack(Api& api, const std::string& name_or_id);

inline constexpr std::string_view kProjectTag = "com.docker.compose.project";

}  // namespace deploy
