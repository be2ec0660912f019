#include "cloudformation/status.hpp"

#include <array>
#include <cstddef>

namespace cloudformation {
namespace {

constexpr std::array<std::string_view, 18> kNames = {"REVIEW_IN_PROGRESS",
                                                     "CREATE_IN_PROGRESS",
                                                     "CREATE_FAILED",
                                                     "CREATE_COMPLETE",
                                                     "ROLLBACK_IN_PROGRESS",
                                                     "ROLLBACK_FAILED",
                                                     "ROLLBACK_COMPLETE",
                                                     "DELETE_IN_PROGRESS",
                                                     "DELETE_FAILED",
                                                     "DELETE_COMPLETE",
                                                     "UPDATE_IN_PROGRESS",
                                                     "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                                                     "UPDATE_COMPLETE",
                                                     "UPDATE_FAILED",
                                                     "UPDATE_ROLLBACK_IN_PROGRESS",
                                                     "UPDATE_ROLLBACK_FAILED",
                                                     "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
                                                     "UPDATE_ROLLBACK_COMPLETE"};

}  // namespace

std::string_view to_string(StackStatus status) {
  return kNames.at(static_cast<std::size_t>(status));
}

std::optional<StackStatus> stack_status(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == text) {
      return static_cast<StackStatus>(i);
    }
  }
  return std::nullopt;
}

bool is_in_progress(StackStatus status) {
  return status != StackStatus::review_in_progress && to_string(status).ends_with("_IN_PROGRESS");
}

bool can_update(StackStatus status) {
  return status == StackStatus::create_complete || status == StackStatus::update_complete ||
         status == StackStatus::update_rollback_complete || status == StackStatus::create_failed ||
         status == StackStatus::update_failed;
}

bool can_delete(StackStatus status) {
  return !is_in_progress(status) || status == StackStatus::create_in_progress ||
         status == StackStatus::rollback_in_progress || status == StackStatus::delete_in_progress;
}

}  // namespace cloudformation
