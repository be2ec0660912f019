#include "local/stacks/book.hpp"

#include <algorithm>
#include <utility>

namespace local::stacks {
namespace {

constexpr std::string_view kStackKind = "cloudformation.stack";
constexpr std::string_view kResourceKind = "cloudformation.resource";
constexpr std::string_view kChangeSetKind = "cloudformation.change_set";
constexpr std::string_view kEventKind = "cloudformation.event";
constexpr std::size_t kDeletedStacksKept = 50;

std::string resource_key(const std::string& stack_id, const std::string& key) {
  return stack_id + " " + key;
}

}  // namespace

void Book::restore() {
  store_.each(kStackKind, [this](const std::string& id, const doc::Node& body) {
    stacks_.emplace(id, stack_from(body));
  });
  store_.each(kResourceKind, [this](const std::string& id, const doc::Node& body) {
    ResourceRecord record = resource_from(body);
    std::string key = record.key;
    resources_[id.substr(0, id.find(' '))].emplace(std::move(key), std::move(record));
  });
  store_.each(kChangeSetKind, [this](const std::string& id, const doc::Node& body) {
    change_sets_.emplace(id, change_set_from(body));
  });
  store_.each(kEventKind, [this](const std::string& /*id*/, const doc::Node& body) {
    EventRecord event = event_from(body);
    last_event_ = std::max(last_event_, event.sequence);
    events_[event.stack_id].push_back(std::move(event));
  });
}

StackRecord* Book::find(std::string_view name_or_id) {
  if (const auto at = stacks_.find(name_or_id); at != stacks_.end()) {
    return &at->second;
  }
  for (auto& [id, stack] : stacks_) {
    if (stack.name == name_or_id && stack.status != StackStatus::delete_complete) {
      return &stack;
    }
  }
  return nullptr;
}

StackRecord& Book::add(StackRecord record) {
  store_.put(kStackKind, record.id, to_node(record));
  const std::string id = record.id;
  return stacks_.insert_or_assign(id, std::move(record)).first->second;
}

void Book::save(const StackRecord& record) {
  store_.put(kStackKind, record.id, to_node(record));
}

void Book::forget(const std::string& stack_id) {
  for (const auto& [key, record] : resources_[stack_id]) {
    store_.remove(kResourceKind, resource_key(stack_id, key));
  }
  for (const EventRecord& event : events_[stack_id]) {
    store_.remove(kEventKind, std::to_string(event.sequence));
  }
  for (auto at = change_sets_.begin(); at != change_sets_.end();) {
    if (at->second.stack_id == stack_id) {
      store_.remove(kChangeSetKind, at->first);
      at = change_sets_.erase(at);
    } else {
      ++at;
    }
  }
  store_.remove(kStackKind, stack_id);
  resources_.erase(stack_id);
  events_.erase(stack_id);
  stacks_.erase(stack_id);
}

void Book::forget_old_stacks() {
  std::vector<std::pair<Time, std::string>> deleted;
  for (const auto& [id, stack] : stacks_) {
    if (stack.status == StackStatus::delete_complete) {
      deleted.emplace_back(stack.deleted.value_or(stack.created), id);
    }
  }
  std::sort(deleted.begin(), deleted.end());
  for (std::size_t i = 0; i + kDeletedStacksKept < deleted.size(); ++i) {
    forget(deleted[i].second);
  }
}

ResourceRecord& Book::add(const std::string& stack_id, ResourceRecord record) {
  store_.put(kResourceKind, resource_key(stack_id, record.key), to_node(record));
  std::string key = record.key;
  return resources_[stack_id].insert_or_assign(std::move(key), std::move(record)).first->second;
}

void Book::save(const std::string& stack_id, const ResourceRecord& record) {
  store_.put(kResourceKind, resource_key(stack_id, record.key), to_node(record));
}

void Book::remove(const std::string& stack_id, const std::string& key) {
  store_.remove(kResourceKind, resource_key(stack_id, key));
  resources_[stack_id].erase(key);
}

ChangeSetRecord& Book::add(ChangeSetRecord record) {
  store_.put(kChangeSetKind, record.id, to_node(record));
  const std::string id = record.id;
  return change_sets_.insert_or_assign(id, std::move(record)).first->second;
}

void Book::save(const ChangeSetRecord& record) {
  store_.put(kChangeSetKind, record.id, to_node(record));
}

void Book::remove_change_set(const std::string& id) {
  store_.remove(kChangeSetKind, id);
  change_sets_.erase(id);
}

void Book::append(EventRecord event) {
  event.sequence = ++last_event_;
  store_.put(kEventKind, std::to_string(event.sequence), to_node(event));
  const std::string stack_id = event.stack_id;
  events_[stack_id].push_back(std::move(event));
}

}  // namespace local::stacks
