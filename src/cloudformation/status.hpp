#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cloudformation {

// Where a stack is in its life. The names are the API's.
enum class StackStatus : std::uint8_t {
  review_in_progress,
  create_in_progress,
  create_failed,
  create_complete,
  rollback_in_progress,
  rollback_failed,
  rollback_complete,
  delete_in_progress,
  delete_failed,
  delete_complete,
  update_in_progress,
  update_complete_cleanup_in_progress,
  update_complete,
  update_failed,
  update_rollback_in_progress,
  update_rollback_failed,
  update_rollback_complete_cleanup_in_progress,
  update_rollback_complete,
};

std::string_view to_string(StackStatus status);  // "CREATE_IN_PROGRESS"
std::optional<StackStatus> stack_status(std::string_view text);

// An operation is under way (REVIEW_IN_PROGRESS is not: it waits for a change set to be executed).
bool is_in_progress(StackStatus status);
// What an update (UpdateStack, an UPDATE change set) accepts.
bool can_update(StackStatus status);
// A delete may also interrupt a creation; updates and rollbacks must end first.
bool can_delete(StackStatus status);

}  // namespace cloudformation
