#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "local/providers/provider.hpp"
#include "local/stacks/book.hpp"
#include "local/stacks/plan.hpp"

namespace local::stacks {

// Brings stacks to where their status says they are going. Every transition is one message of the
// control loop and one transaction of the store: the records say exactly how far an operation has
// come, and `resume` goes on from there after a crash. The caller has put the stack into an
// _IN_PROGRESS status with an operation id and its definition.
class Runner {
 public:
  Runner(Providing providing, Book& book) : providing_(providing), book_(book) {}

  // Every stack that was in the middle of something.
  void resume();
  // Begins the operation that `stack`'s status names, with the stack's own event first.
  void begin(StackRecord& stack, StackStatus status, const std::string& reason);
  // Something that resources of types beginning with `prefix` wait for may have happened: they are
  // asked now instead of when it is their turn.
  void wake(std::string_view prefix);
  // What runs for this stack is given up: creations in flight are marked cancelled.
  void cancel_work(StackRecord& stack);

  void add_stack_event(const StackRecord& stack);

  [[nodiscard]] const Providing& providing() const { return providing_; }

 private:
  void advance(const std::string& stack_id);
  void soon(const std::string& stack_id);

  // Deploying: runner_deploy.cpp
  void deploy(StackRecord& stack);
  bool start_ready(StackRecord& stack, const Plan& plan);
  bool settled(const StackRecord& stack, const std::string& id);
  bool released(const StackRecord& stack, const std::string& id);
  void start(StackRecord& stack, const Plan& plan, std::size_t index);
  void start_creation(StackRecord& stack, ResourceRecord fresh, Copy target);
  void start_change(StackRecord& stack,
                    ResourceRecord& record,
                    Copy target,
                    const std::vector<std::string>& changed);
  bool swap_back(StackRecord& stack, ResourceRecord& record, const Copy& target);
  void refuse(StackRecord& stack,
              const std::string& id,
              const std::string& type,
              const std::string& reason);
  void deployed(StackRecord& stack, const Plan& plan);
  void deploy_failed(StackRecord& stack);
  void refresh_attributes(const StackRecord& stack);
  std::optional<std::string> set_outputs(StackRecord& stack, const Plan& plan);

  // Removing: runner_remove.cpp
  void clean_up(StackRecord& stack);
  void tear_down(StackRecord& stack);
  bool remove_ready(StackRecord& stack, const std::vector<std::string>& keys);
  void start_removal(StackRecord& stack, ResourceRecord& record);
  [[nodiscard]] bool keeps(const StackRecord& stack, const ResourceRecord& record) const;
  void torn_down(StackRecord& stack, bool complete);

  // Steps: runner_steps.cpp
  ResourceRequest request_for(const StackRecord& stack,
                              const ResourceRecord& record,
                              const Copy& what);
  void take(StackRecord& stack,
            ResourceRecord& record,
            Progress progress,
            std::chrono::milliseconds waited);
  void configured(StackRecord& stack, ResourceRecord& record, doc::Mapping attributes);
  void finish(StackRecord& stack, ResourceRecord& record, Progress progress);
  void fail(StackRecord& stack, ResourceRecord& record, const std::string& reason);
  void set_aside(StackRecord& stack, const ResourceRecord& record, Copy copy);
  void poll(const std::string& stack_id,
            const std::string& key,
            std::uint64_t turn,
            std::chrono::milliseconds waited);
  void poll_later(const StackRecord& stack,
                  const ResourceRecord& record,
                  std::chrono::milliseconds delay);
  void mark(StackRecord& stack,
            ResourceRecord& record,
            std::string_view status,
            const std::string& reason,
            const std::string& physical_id,
            bool with_properties = true,
            std::string_view detailed_status = {});
  void end(StackRecord& stack, StackStatus status, const std::string& reason);
  const Plan* plan_of(const StackRecord& stack);

  Providing providing_;
  Book& book_;
  std::map<std::string, std::pair<std::string, Plan>> plans_;  // stack id -> operation, its plan
  std::uint64_t turns_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> next_turn_;  // by step token; others are stale
  std::set<std::string, std::less<>> woken_;                     // prefixes, for this moment
};

}  // namespace local::stacks
