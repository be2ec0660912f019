#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/api.hpp"

namespace deploy {

// One line of a stack's history.
struct StackEvent {
  std::string id;
  std::string logical_id;
  std::string physical_id;
  std::string type;    // "AWS::ECS::Service"
  std::string status;  // "CREATE_FAILED"
  std::string reason;
  std::int64_t at_millis = 0;
  bool is_stack = false;  // about the stack itself

  [[nodiscard]] bool has_failed() const { return status.ends_with("_FAILED"); }

  // Stopped only because another resource failed.
  [[nodiscard]] bool is_cancelled() const;
};

// Reads a stack's history in order, each event once. DescribeStackEvents answers newest first, by
// pages; no more pages are read than hold something new.
class EventReader {
 public:
  EventReader(Api& api, std::string stack_id) : api_(api), stack_id_(std::move(stack_id)) {}

  // Counts everything there is as read.
  ApiResult<void> skip_existing();
  // Starts at the beginning of the stack's last operation.
  ApiResult<void> rewind_to_operation();
  // What is new, oldest first.
  ApiResult<std::vector<StackEvent>> next();

 private:
  // The newest events down to `last`, newest first.
  template <class Until>
  ApiResult<std::vector<StackEvent>> newest_until(Until until);

  Api& api_;
  std::string stack_id_;
  std::string last_id_;
};

// The reason of a failed operation: the first failure that is not the consequence of another; null
// when there is none.
const StackEvent* root_cause(const std::vector<StackEvent>& events);

// AWS's message without the wrapping that resource handlers put around it.
std::string plain_reason(std::string_view reason);

}  // namespace deploy
