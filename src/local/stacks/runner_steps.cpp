#include <algorithm>
#include <utility>

#include "local/stacks/runner.hpp"
#include "local/stacks/shown.hpp"

namespace local::stacks {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{150};

}  // namespace

void Runner::add_stack_event(const StackRecord& stack) {
  EventRecord event;
  event.id = providing_.context.ids.uuid();
  event.stack_id = stack.id;
  event.stack_name = stack.name;
  event.logical_id = stack.name;
  event.physical_id = stack.id;
  event.type = "AWS::CloudFormation::Stack";
  event.time = providing_.context.now();
  event.status = to_string(stack.status);
  event.reason = stack.reason;
  event.client_token = stack.client_token;
  book_.append(std::move(event));
}

void Runner::mark(StackRecord& stack,
                  ResourceRecord& record,
                  std::string_view status,
                  const std::string& reason,
                  const std::string& physical_id,
                  bool with_properties,
                  std::string_view detailed_status) {
  const Time now = providing_.context.now();
  record.status = status;
  record.reason = reason;
  record.time = now;
  EventRecord event;
  event.id =
      record.id + "-" +
      (with_properties ? std::string(status) + "-" + std::to_string(now.time_since_epoch().count())
                       : providing_.context.ids.uuid());
  event.stack_id = stack.id;
  event.stack_name = stack.name;
  event.logical_id = record.id;
  event.physical_id = physical_id;
  event.type = record.type;
  event.time = now;
  event.status = status;
  event.detailed_status = detailed_status;
  event.reason = reason;
  if (with_properties) {
    const bool changing = record.work == Work::updating || record.work == Work::replacing;
    event.properties =
        shown_json(stack.current, changing ? record.target.properties : record.copy.properties);
  }
  event.client_token = stack.client_token;
  book_.append(std::move(event));
}

ResourceRequest Runner::request_for(const StackRecord& stack,
                                    const ResourceRecord& record,
                                    const Copy& what) {
  ResourceRequest out;
  out.stack_name = stack.name;
  out.stack_id = stack.id;
  out.logical_id = record.id;
  out.token = record.token;
  out.physical_id = what.physical_id;
  out.properties = what.properties;
  if (record.work == Work::updating) {
    out.previous = record.copy.properties;
  }
  out.memo = record.memo;
  out.tags = what.tags;
  out.tags.emplace_back("aws:cloudformation:stack-name", stack.name);
  out.tags.emplace_back("aws:cloudformation:logical-id", record.id);
  out.tags.emplace_back("aws:cloudformation:stack-id", stack.id);
  out.started = record.started;
  return out;
}

void Runner::take(StackRecord& stack,
                  ResourceRecord& record,
                  Progress progress,
                  milliseconds waited) {
  Copy& copy = record.work == Work::creating ? record.copy : record.target;
  const bool makes = record.work == Work::creating || record.work == Work::replacing;
  if (makes && !progress.physical_id.empty() && copy.physical_id.empty()) {
    copy.physical_id = progress.physical_id;
    if (progress.state != Progress::State::failed) {
      mark(stack,
           record,
           record.work == Work::creating ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS",
           "Resource creation Initiated",
           copy.physical_id);
    }
  }
  switch (progress.state) {
    case Progress::State::done: finish(stack, record, std::move(progress)); return;
    case Progress::State::failed: fail(stack, record, progress.reason); return;
    case Progress::State::pending: break;
  }
  if (!progress.memo.is_null()) {
    record.memo = std::move(progress.memo);
  }
  if (progress.configured && record.work == Work::creating && !record.configured) {
    configured(stack, record, std::move(progress.attributes));
  }
  book_.save(stack.id, record);
  const milliseconds next = waited.count() == 0
                                ? progress.again
                                : std::min(waited * 5 / 4 + milliseconds{1}, kLongestWait);
  poll_later(stack, record, std::max(next, milliseconds{1}));
}

void Runner::configured(StackRecord& stack, ResourceRecord& record, doc::Mapping attributes) {
  record.configured = true;
  record.copy.attributes = doc::Node{std::move(attributes)};
  mark(stack,
       record,
       "CREATE_IN_PROGRESS",
       "Eventual consistency check initiated",
       record.copy.physical_id,
       true,
       "CONFIGURATION_COMPLETE");
  soon(stack.id);
}

void Runner::finish(StackRecord& stack, ResourceRecord& record, Progress progress) {
  const Work work = record.work;
  if (work == Work::removing) {
    mark(stack, record, "DELETE_COMPLETE", "", record.copy.physical_id, !record.old_copy);
  } else if (work == Work::creating) {
    record.copy.attributes = doc::Node{std::move(progress.attributes)};
    mark(stack, record, "CREATE_COMPLETE", "", record.copy.physical_id);
  } else {
    Copy made = record.target;
    if (work == Work::updating) {
      made.physical_id = record.copy.physical_id;
    }
    made.attributes = progress.attributes.entries.empty() && work == Work::updating
                          ? record.copy.attributes
                          : doc::Node{std::move(progress.attributes)};
    if (work == Work::replacing) {
      set_aside(stack, record, record.copy);
    }
    mark(stack, record, "UPDATE_COMPLETE", "", made.physical_id);
    record.copy = std::move(made);
  }
  record.work = Work::none;
  record.target = {};
  record.memo = {};
  record.configured = false;
  next_turn_.erase(record.token);
  record.unfinished = false;
  record.done_in = stack.operation;
  book_.save(stack.id, record);
}

void Runner::fail(StackRecord& stack, ResourceRecord& record, const std::string& reason) {
  const Work work = record.work;
  if (work == Work::removing) {
    mark(stack, record, "DELETE_FAILED", reason, record.copy.physical_id, !record.old_copy);
    stack.failed.push_back(record.id);
  } else if (work == Work::creating) {
    mark(stack, record, "CREATE_FAILED", reason, record.copy.physical_id);
    stack.failed.push_back(record.id);
  } else {
    const std::string& shown =
        record.target.physical_id.empty() ? record.copy.physical_id : record.target.physical_id;
    mark(stack, record, "UPDATE_FAILED", reason, shown);
    stack.failed_updates.push_back(record.id);
    if (work == Work::replacing && !record.target.physical_id.empty()) {
      set_aside(stack, record, record.target);
    }
    record.unfinished = work == Work::updating;
  }
  record.work = Work::none;
  record.target = {};
  record.memo = {};
  record.configured = false;
  next_turn_.erase(record.token);
  record.done_in = stack.operation;
  book_.save(stack.id, record);
  book_.save(stack);
}

// A copy that the cleanup removes, unless a rollback takes it up again.
void Runner::set_aside(StackRecord& stack, const ResourceRecord& record, Copy copy) {
  ResourceRecord old;
  old.id = record.id;
  old.type = record.type;
  old.key = record.id + "#" + providing_.context.ids.hex(12);
  old.copy = std::move(copy);
  old.status = record.status;
  old.time = record.time;
  old.old_copy = true;
  book_.add(stack.id, std::move(old));
}

void Runner::poll_later(const StackRecord& stack,
                        const ResourceRecord& record,
                        milliseconds delay) {
  const std::uint64_t turn = ++turns_;
  next_turn_[record.token] = turn;
  providing_.context.timers.at(
      providing_.context.now() + delay,
      [this, id = stack.id, key = record.key, turn, delay] { poll(id, key, turn, delay); });
}

void Runner::poll(const std::string& stack_id,
                  const std::string& key,
                  std::uint64_t turn,
                  milliseconds waited) {
  StackRecord* stack = book_.find(stack_id);
  if (stack == nullptr) {
    return;
  }
  Resources& resources = book_.resources(stack_id);
  const auto at = resources.find(key);
  if (at == resources.end() || at->second.work == Work::none) {
    return;
  }
  if (const auto next = next_turn_.find(at->second.token);
      next == next_turn_.end() || next->second != turn) {
    return;
  }
  ResourceRecord& record = at->second;
  const Provider* provider = find_provider(record.type);
  const bool makes = record.work == Work::creating || record.work == Work::removing;
  const ResourceRequest request = request_for(*stack, record, makes ? record.copy : record.target);
  Provider::Step step = nullptr;
  if (provider != nullptr) {
    step = record.work == Work::removing
               ? provider->removed
               : (record.work == Work::updating ? provider->updated : provider->created);
  }
  take(*stack, record, step != nullptr ? step(providing_, request) : Progress{}, waited);
  if (const auto still = resources.find(key);
      still == resources.end() || still->second.work == Work::none) {
    advance(stack_id);
  }
}

}  // namespace local::stacks
