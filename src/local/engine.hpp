#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/shape.hpp"
#include "doc/node.hpp"
#include "docker/engine.hpp"
#include "local/action_table.hpp"
#include "local/api_error.hpp"
#include "local/context.hpp"
#include "local/control_loop.hpp"
#include "local/state/durable_store.hpp"
#include "local/state/log_storage.hpp"
#include "local/state/sealer.hpp"
#include "util/clock.hpp"
#include "util/result.hpp"

namespace local {

struct EngineOptions {
  std::string engine_id;  // the label com.docker.ecs.engine of everything it makes
  std::string region = "us-east-1";
  std::string account = "000000000000";
  double time_scale = 0.025;
  std::string directory{};  // of the authority for TLS and of objects; empty: in memory, and none
  std::string subnets{};    // of task networks ("10.213.0.0/16"); empty: the default range
};

// The outside world, owned by the caller (the daemon, or a test) and outliving the engine.
struct EngineParts {
  DurableStore& store;
  ControlLoop& loop;
  Workers& workers;
  const util::Clock& clock;
  Ids& ids;
  const Sealer& sealer;
  LogStorage& logs;
  docker::Engine& docker;  // outlives the workers too
  std::function<void(std::string_view line)> log;
};

// The composition of the local engine: one control thread, one store, one action table, every
// service module. All state belongs to the thread that calls `step`; only `post_call` (and
// ControlLoop::post) may be called from others.
class Engine {
 public:
  using Answer = std::function<void(util::Result<doc::Node, ApiError>)>;

  Engine(EngineOptions options, EngineParts parts);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Reads every module's records and takes up where the last process left off. Once, before the
  // first step.
  void restore();

  // Runs `operation` with an already validated input on the control thread. `done` is called on the
  // control thread, and only after everything the call changed is on disk; when that fails it gets
  // InternalFailure (500).
  void post_call(const awsapi::Operation& operation, doc::Node input, Answer done);

  // Every message and timer due at `now`, then one commit for all of them, then their answers.
  // Returns how many ran.
  std::size_t step(util::Clock::TimePoint now);
  // Blocks until there is work or `limit` passes; false after ControlLoop::stop().
  bool step_or_wait(std::chrono::milliseconds limit);

  [[nodiscard]] Context& context() { return context_; }

  [[nodiscard]] const ActionTable& actions() const { return actions_; }

  // True while the last commit failed: changing calls are refused until the disk takes writes
  // again.
  [[nodiscard]] bool storage_failing() const { return storage_failing_; }

 private:
  struct Modules;

  struct PendingAnswer {
    Answer done;
    util::Result<doc::Node, ApiError> result;
    bool changed;
  };

  util::Result<doc::Node, ApiError> call(const awsapi::Operation& operation,
                                         const doc::Node& input);
  void commit_and_answer();

  DurableStore& store_;
  ControlLoop& loop_;
  const util::Clock& clock_;
  Context context_;
  ActionTable actions_;
  std::unique_ptr<Modules> modules_;
  std::vector<PendingAnswer> answers_;
  std::uint64_t committed_writes_ = 0;
  bool storage_failing_ = false;
};

}  // namespace local
