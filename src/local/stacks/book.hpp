#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "local/stacks/records.hpp"
#include "local/store.hpp"

namespace local::stacks {

using Resources = std::map<std::string, ResourceRecord, std::less<>>;  // by key

// Every stack, resource, change set and event, in memory and written through to the store.
// References stay valid until the record itself is removed.
class Book {
 public:
  explicit Book(Store& store) : store_(store) {}

  void restore();

  // By id, or by the name of a stack that is not deleted; null when there is none.
  StackRecord* find(std::string_view name_or_id);

  [[nodiscard]] const std::map<std::string, StackRecord, std::less<>>& stacks() const {
    return stacks_;
  }

  StackRecord& add(StackRecord record);
  void save(const StackRecord& record);
  // The record, its resources, change sets and events.
  void forget(const std::string& stack_id);
  // Deleted stacks can be described for a while; the oldest go when there are many.
  void forget_old_stacks();

  Resources& resources(const std::string& stack_id) { return resources_[stack_id]; }

  ResourceRecord& add(const std::string& stack_id, ResourceRecord record);
  void save(const std::string& stack_id, const ResourceRecord& record);
  void remove(const std::string& stack_id, const std::string& key);

  std::map<std::string, ChangeSetRecord, std::less<>>& change_sets() { return change_sets_; }

  ChangeSetRecord& add(ChangeSetRecord record);
  void save(const ChangeSetRecord& record);
  void remove_change_set(const std::string& id);

  // Gives the event its sequence number.
  void append(EventRecord event);

  // Oldest first.
  const std::deque<EventRecord>& events(const std::string& stack_id) { return events_[stack_id]; }

 private:
  Store& store_;
  std::map<std::string, StackRecord, std::less<>> stacks_;
  std::map<std::string, Resources, std::less<>> resources_;
  std::map<std::string, ChangeSetRecord, std::less<>> change_sets_;
  std::map<std::string, std::deque<EventRecord>, std::less<>> events_;
  std::uint64_t last_event_ = 0;
};

}  // namespace local::stacks
