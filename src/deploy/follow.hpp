#pragma once

#include <string>
#include <vector>

#include "deploy/execute.hpp"

namespace deploy {

// The end of an operation.
struct Followed {
  std::string final_status;  // of the stack: "CREATE_COMPLETE", "ROLLBACK_COMPLETE", …
  std::vector<StackEvent> events;
  std::vector<std::string> evidence;  // of the first ECS service that failed
};

// Polls until the stack reaches a final state, telling the observer each event. The evidence of a
// failing service is gathered at once, before the rollback removes it. Reading may fail for a few
// seconds without harm.
util::Result<Followed, Problem> follow(World& world,
                                       EventReader& reader,
                                       const std::string& stack_name);

// Longer and longer pauses between polls.
class Pacer {
 public:
  explicit Pacer(const World& world) : world_(world), next_(world.first_pause) {}

  bool pause();

  void reset() { next_ = world_.first_pause; }

 private:
  const World& world_;
  std::chrono::milliseconds next_;
};

}  // namespace deploy
