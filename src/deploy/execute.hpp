#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "deploy/api.hpp"
#include "deploy/events.hpp"
#include "deploy/plan.hpp"
#include "deploy/stack.hpp"

namespace deploy {

// One resource that a change set will touch.
struct PlannedChange {
  std::string action;  // Add, Modify, Remove
  std::string logical_id;
  std::string type;
  bool replacement = false;
};

// Told what happens while it happens. Called from the thread that runs `up` or `down`.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;
  virtual void on_step(const Step& step) = 0;
  virtual void on_changes(const std::vector<PlannedChange>& changes) = 0;
  virtual void on_event(const StackEvent& event) = 0;
  // For people: why an earlier deployment failed, what a failing task said.
  virtual void on_remark(const std::string& line) = 0;
};

// The world of an execution.
struct World {
  Api& api;
  Observer& observer;
  // Waits; false when the user does not want to wait any longer (Ctrl-C).
  std::function<bool(std::chrono::milliseconds)> pause;
  std::chrono::milliseconds first_pause{500};  // between polls: grows to `longest_pause`
  std::chrono::milliseconds longest_pause{2000};
  std::function<std::string()> new_token;  // [a-z0-9-], different each time
  bool detach = false;                     // do not follow what was started
  // Where templates go that are too large for a request.
  std::string region{};
  std::string s3_url{};  // "https://s3.eu-west-1.amazonaws.com", without a bucket
};

enum class UpResult : std::uint8_t { created, updated, unchanged };

struct UpOutcome {
  UpResult result = UpResult::unchanged;
  RemoteStack stack;
};

struct DownOutcome {
  bool was_there = false;
  std::vector<std::string> kept;  // "DataFilesystem (AWS::EFS::FileSystem fs-123)"
};

struct Failed {         // the operation ran and failed
  std::string message;  // one line
  std::vector<std::string> details;
  std::string help;
};

struct Detached {  // the user stopped waiting: the operation goes on
  std::string stack_name;
};

using Problem = std::variant<Refusal, Failed, Detached, ApiError>;

// Brings the stack to the intent: waits for an operation under way, removes what a failed creation
// left behind (after saying why it failed), makes a change set, executes it and follows it to the
// end.
util::Result<UpOutcome, Problem> up(World& world, const Intent& intent);

// Deletes the project's stack. Resources that their template retains are listed.
util::Result<DownOutcome, Problem> down(World& world,
                                        const std::string& project,
                                        const std::string& stack_name);

}  // namespace deploy
