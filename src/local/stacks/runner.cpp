#include "local/stacks/runner.hpp"

#include <utility>

namespace local::stacks {

void Runner::resume() {
  for (const auto& [id, stack] : book_.stacks()) {
    if (!is_in_progress(stack.status)) {
      continue;
    }
    for (const auto& [key, record] : book_.resources(id)) {
      if (record.work != Work::none) {
        poll_later(stack, record, std::chrono::milliseconds{1});
      }
    }
    soon(id);
  }
}

void Runner::wake(std::string_view prefix) {
  if (!woken_.emplace(prefix).second) {
    return;
  }
  providing_.context.timers.at(providing_.context.now(), [this, prefix = std::string(prefix)] {
    woken_.erase(prefix);
    for (const auto& [id, stack] : book_.stacks()) {
      if (!is_in_progress(stack.status)) {
        continue;
      }
      for (const auto& [key, record] : book_.resources(id)) {
        if (record.work != Work::none && record.type.starts_with(prefix)) {
          poll_later(stack, record, std::chrono::milliseconds{0});
        }
      }
    }
  });
}

void Runner::soon(const std::string& stack_id) {
  providing_.context.timers.at(providing_.context.now(), [this, stack_id] { advance(stack_id); });
}

void Runner::begin(StackRecord& stack, StackStatus status, const std::string& reason) {
  stack.status = status;
  stack.reason = reason;
  stack.operation = providing_.context.ids.uuid();
  stack.failed.clear();
  stack.failed_updates.clear();
  book_.save(stack);
  add_stack_event(stack);
  soon(stack.id);
}

void Runner::end(StackRecord& stack, StackStatus status, const std::string& reason) {
  stack.status = status;
  stack.reason = reason;
  plans_.erase(stack.id);
  book_.save(stack);
  add_stack_event(stack);
}

void Runner::cancel_work(StackRecord& stack) {
  for (auto& [key, record] : book_.resources(stack.id)) {
    if (record.work == Work::creating) {
      fail(stack, record, "Resource creation cancelled");
    } else if (record.work == Work::updating || record.work == Work::replacing) {
      fail(stack, record, "Resource update cancelled");
    }
  }
}

void Runner::advance(const std::string& stack_id) {
  StackRecord* stack = book_.find(stack_id);
  if (stack == nullptr) {
    return;
  }
  switch (stack->status) {
    case StackStatus::create_in_progress:
    case StackStatus::update_in_progress:
    case StackStatus::update_rollback_in_progress: deploy(*stack); return;
    case StackStatus::update_complete_cleanup_in_progress:
    case StackStatus::update_rollback_complete_cleanup_in_progress: clean_up(*stack); return;
    case StackStatus::rollback_in_progress:
    case StackStatus::delete_in_progress: tear_down(*stack); return;
    case StackStatus::review_in_progress:
    case StackStatus::create_failed:
    case StackStatus::create_complete:
    case StackStatus::rollback_failed:
    case StackStatus::rollback_complete:
    case StackStatus::delete_failed:
    case StackStatus::delete_complete:
    case StackStatus::update_complete:
    case StackStatus::update_failed:
    case StackStatus::update_rollback_failed:
    case StackStatus::update_rollback_complete: return;
  }
}

const Plan* Runner::plan_of(const StackRecord& stack) {
  const auto at = plans_.find(stack.id);
  if (at != plans_.end() && at->second.first == stack.operation) {
    return &at->second.second;
  }
  auto plan = make_plan(providing_.context, stack.name, stack.id, stack.current);
  if (!plan) {
    providing_.context.log("stack " + stack.name + ": " + plan.error());
    return nullptr;
  }
  auto& entry = plans_[stack.id];
  entry = {stack.operation, std::move(*plan)};
  return &entry.second;
}

}  // namespace local::stacks
