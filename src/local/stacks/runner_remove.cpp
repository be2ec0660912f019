#include <algorithm>
#include <utility>

#include "local/stacks/runner.hpp"
#include "util/strings.hpp"

namespace local::stacks {
namespace {

// Gone, or tried in this operation without success.
bool is_over(const StackRecord& stack, const ResourceRecord& record) {
  return record.work == Work::none && (!record.exists() || (record.done_in == stack.operation &&
                                                            record.status == "DELETE_FAILED"));
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

// What stays when its stack or its place in the template goes.
bool Runner::keeps(const StackRecord& stack, const ResourceRecord& record) const {
  if (contains(stack.retain, record.id)) {
    return true;
  }
  const std::string& policy =
      record.old_copy ? record.copy.replace_policy : record.copy.deletion_policy;
  const bool new_in_failure =
      stack.status == StackStatus::rollback_in_progress ||
      (stack.status == StackStatus::update_rollback_complete_cleanup_in_progress &&
       !record.old_copy);
  if (policy == "RetainExceptOnCreate" || (policy == "Retain" && stack.retain_except_on_create)) {
    return !new_in_failure;
  }
  return policy == "Retain";
}

void Runner::start_removal(StackRecord& stack, ResourceRecord& record) {
  record.work = Work::removing;
  record.token = providing_.context.ids.uuid();
  record.started = providing_.context.now();
  record.memo = {};
  if (keeps(stack, record)) {
    record.work = Work::none;
    mark(stack, record, "DELETE_SKIPPED", "", record.copy.physical_id, !record.old_copy);
    record.done_in = stack.operation;
    book_.save(stack.id, record);
    return;
  }
  mark(stack, record, "DELETE_IN_PROGRESS", "", record.copy.physical_id, !record.old_copy);
  const Provider* provider = find_provider(record.type);
  const Provider::Step step = provider != nullptr ? provider->remove : nullptr;
  take(stack,
       record,
       step != nullptr ? step(providing_, request_for(stack, record, record.copy)) : Progress{},
       std::chrono::milliseconds{0});
}

// Begins every removal that nothing unremoved still needs; true when something was begun.
bool Runner::remove_ready(StackRecord& stack, const std::vector<std::string>& keys) {
  Resources& resources = book_.resources(stack.id);
  bool started = false;
  for (const std::string& key : keys) {
    ResourceRecord& record = resources.at(key);
    if (record.work != Work::none || is_over(stack, record)) {
      continue;
    }
    const bool needed = std::any_of(keys.begin(), keys.end(), [&](const std::string& other) {
      const ResourceRecord& user = resources.at(other);
      return other != key && (user.exists() || user.work != Work::none) &&
             contains(user.copy.dependencies, record.id) && user.id != record.id;
    });
    if (!needed) {
      start_removal(stack, record);
      started = true;
    }
  }
  return started;
}

// After an update: old copies of replaced resources, and what the template has no more.
void Runner::clean_up(StackRecord& stack) {
  const Plan* plan = plan_of(stack);
  Resources& resources = book_.resources(stack.id);
  std::vector<std::string> keys;
  for (const auto& [key, record] : resources) {
    if (record.old_copy || plan == nullptr || !plan->has(record.id)) {
      keys.push_back(key);
    }
  }
  while (remove_ready(stack, keys)) {
  }
  if (std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return resources.at(key).work != Work::none;
      })) {
    return;
  }
  const bool clean = stack.failed.empty();
  for (const std::string& key : keys) {
    if (!resources.at(key).exists() || !clean) {
      book_.remove(stack.id, key);
    }
  }
  const bool rolled_back =
      stack.status == StackStatus::update_rollback_complete_cleanup_in_progress;
  stack.previous.reset();
  end(stack,
      rolled_back ? StackStatus::update_rollback_complete : StackStatus::update_complete,
      clean ? "" : "Update successful. One or more resources could not be deleted.");
}

// The whole stack, for a delete or the rollback of its creation.
void Runner::tear_down(StackRecord& stack) {
  Resources& resources = book_.resources(stack.id);
  std::vector<std::string> keys;
  for (const auto& [key, record] : resources) {
    keys.push_back(key);
  }
  while (remove_ready(stack, keys)) {
  }
  if (std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return resources.at(key).work != Work::none;
      })) {
    return;
  }
  torn_down(stack, stack.failed.empty());
}

void Runner::torn_down(StackRecord& stack, bool complete) {
  const bool rollback = stack.status == StackStatus::rollback_in_progress;
  std::sort(stack.failed.begin(), stack.failed.end());
  const std::string reason = complete ? ""
                                      : "The following resource(s) failed to delete: [" +
                                            util::join(stack.failed, ", ") + "]. ";
  if (rollback) {
    stack.deleted = providing_.context.now();
    end(stack, complete ? StackStatus::rollback_complete : StackStatus::rollback_failed, reason);
    return;
  }
  if (!complete) {
    end(stack, StackStatus::delete_failed, reason);
    return;
  }
  stack.deleted = providing_.context.now();
  stack.outputs.clear();
  stack.imports.clear();
  std::vector<std::string> change_sets;
  for (const auto& [id, change_set] : book_.change_sets()) {
    if (change_set.stack_id == stack.id) {
      change_sets.push_back(id);
    }
  }
  for (const std::string& id : change_sets) {
    book_.remove_change_set(id);
  }
  end(stack, StackStatus::delete_complete, "");
  book_.forget_old_stacks();
}

}  // namespace local::stacks
