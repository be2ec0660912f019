#include "deploy/execute.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "awsapi/cloudformation.hpp"
#include "deploy/change_set.hpp"
#include "deploy/follow.hpp"
#include "util/overloaded.hpp"

namespace deploy {
namespace {

namespace cfn = awsapi::cloudformation;

// Waiting for others and clearing leftovers may have to be repeated, but not for ever.
constexpr int kMostRounds = 5;

std::string cause_text(const StackEvent& cause) {
  std::string text = cause.is_stack ? std::string() : cause.logical_id + ": ";
  return text + (cause.reason.empty() ? cause.status : plain_reason(cause.reason));
}

Failed failure(const std::string& stack_name, const Followed& followed) {
  Failed out;
  const StackEvent* cause = root_cause(followed.events);
  out.message = "stack `" + stack_name + "` ended in " + followed.final_status;
  if (cause != nullptr) {
    out.message += ": " + cause_text(*cause);
  }
  out.details = followed.evidence;
  return out;
}

class Execution {
 public:
  Execution(World& world, std::string stack_name) : world_(world), name_(std::move(stack_name)) {}

  // The stack as it is; an unreadable one is the caller's problem.
  util::Result<std::optional<RemoteStack>, Problem> read() {
    auto remote = read_stack(world_.api, name_);
    if (!remote) {
      return util::unexpected(Problem(std::move(remote.error())));
    }
    return std::move(*remote);
  }

  // Follows what somebody else started.
  util::Result<Followed, Problem> join(const FollowOperation& step) {
    EventReader reader(world_.api, step.stack_id);
    if (auto ready = reader.rewind_to_operation(); !ready) {
      return util::unexpected(Problem(std::move(ready.error())));
    }
    return follow(world_, reader, name_);
  }

  util::Result<Followed, Problem> remove(const DeleteStack& step) {
    EventReader reader(world_.api, step.stack_id);
    if (step.failed_creation) {
      remark_on_failure(reader, step);
    }
    if (auto ready = reader.skip_existing(); !ready) {
      return util::unexpected(Problem(std::move(ready.error())));
    }
    cfn::DeleteStackRequest request;
    request.stack_name = step.stack_id;
    request.client_request_token = "docker-ecs-" + world_.new_token();
    if (auto sent = world_.api.send(request); !sent) {
      return util::unexpected(Problem(std::move(sent.error())));
    }
    return follow(world_, reader, name_);
  }

  // Nothing when the stack is what the template says already.
  util::Result<std::optional<Followed>, Problem> apply(const Intent& intent, ChangeKind kind) {
    auto prepared = prepare_change_set(world_, intent, kind);
    if (!prepared) {
      return util::unexpected(named(std::move(prepared.error())));
    }
    if (!*prepared) {
      return std::optional<Followed>();
    }
    world_.observer.on_changes((*prepared)->changes);
    EventReader reader(world_.api, (*prepared)->stack_id);
    if (auto ready = reader.skip_existing(); !ready) {
      return util::unexpected(Problem(std::move(ready.error())));
    }
    cfn::ExecuteChangeSetRequest request;
    request.change_set_name = (*prepared)->id;
    request.client_request_token = "docker-ecs-" + world_.new_token();
    if (auto sent = world_.api.send(request); !sent) {
      return util::unexpected(Problem(std::move(sent.error())));
    }
    auto followed = follow(world_, reader, name_);
    if (!followed) {
      return util::unexpected(std::move(followed.error()));
    }
    return std::optional(std::move(*followed));
  }

 private:
  void remark_on_failure(EventReader& reader, const DeleteStack& step) {
    if (!reader.rewind_to_operation()) {
      return;
    }
    const auto events = reader.next();
    const StackEvent* cause = events ? root_cause(*events) : nullptr;
    world_.observer.on_remark("the last deployment of `" + name_ + "` failed (" + step.because +
                              ")" + (cause == nullptr ? "" : ": " + cause_text(*cause)));
  }

  // Interrupted before anything was executed: there is nothing to go on.
  Problem named(Problem problem) {
    if (auto* detached = std::get_if<Detached>(&problem)) {
      detached->stack_name = name_;
    }
    return problem;
  }

  World& world_;
  std::string name_;
};

UpOutcome outcome(UpResult result, std::optional<RemoteStack> remote) {
  return {result, remote ? std::move(*remote) : RemoteStack{}};
}

bool is_success(const std::string& status) {
  return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE";
}

// One round: what the first step of the plan leads to. An outcome ends `up`; nothing means: look
// again.
util::Result<std::optional<UpOutcome>, Problem> run_first_step(World& world,
                                                               Execution& execution,
                                                               const Intent& intent,
                                                               const Step& step) {
  world.observer.on_step(step);
  if (const auto* wait = std::get_if<FollowOperation>(&step)) {
    auto followed = execution.join(*wait);
    if (!followed) {
      return util::unexpected(std::move(followed.error()));
    }
    return std::optional<UpOutcome>();
  }
  if (const auto* removal = std::get_if<DeleteStack>(&step)) {
    auto followed = execution.remove(*removal);
    if (!followed) {
      return util::unexpected(std::move(followed.error()));
    }
    if (followed->final_status != "DELETE_COMPLETE") {
      return util::unexpected(Problem(failure(intent.stack_name, *followed)));
    }
    return std::optional<UpOutcome>();
  }
  const ChangeKind kind = std::get<ApplyTemplate>(step).kind;
  auto applied = execution.apply(intent, kind);
  if (!applied) {
    return util::unexpected(std::move(applied.error()));
  }
  if (*applied && !is_success((*applied)->final_status)) {
    return util::unexpected(Problem(failure(intent.stack_name, **applied)));
  }
  auto remote = execution.read();
  if (!remote) {
    return util::unexpected(std::move(remote.error()));
  }
  const UpResult result = !*applied                    ? UpResult::unchanged
                          : kind == ChangeKind::create ? UpResult::created
                                                       : UpResult::updated;
  return std::optional(outcome(result, std::move(*remote)));
}

}  // namespace

util::Result<UpOutcome, Problem> up(World& world, const Intent& intent) {
  Execution execution(world, intent.stack_name);
  for (int round = 0; round < kMostRounds; ++round) {
    auto remote = execution.read();
    if (!remote) {
      return util::unexpected(std::move(remote.error()));
    }
    const auto plan = plan_up(intent, *remote);
    if (!plan) {
      return util::unexpected(Problem(plan.error()));
    }
    auto outcome = run_first_step(world, execution, intent, plan->steps.front());
    if (!outcome) {
      return util::unexpected(std::move(outcome.error()));
    }
    if (*outcome) {
      return std::move(**outcome);
    }
  }
  return util::unexpected(Problem(
      Failed{"stack `" + intent.stack_name + "` keeps being changed by somebody else", {}, {}}));
}

util::Result<DownOutcome, Problem> down(World& world,
                                        const std::string& project,
                                        const std::string& stack_name) {
  Execution execution(world, stack_name);
  auto remote = execution.read();
  if (!remote) {
    return util::unexpected(std::move(remote.error()));
  }
  const auto plan = plan_down(project, *remote);
  if (!plan) {
    return util::unexpected(Problem(plan.error()));
  }
  DownOutcome out;
  for (const Step& step : plan->steps) {
    out.was_there = true;
    world.observer.on_step(step);
    const auto* removal = std::get_if<DeleteStack>(&step);
    auto followed = removal != nullptr ? execution.remove(*removal)
                                       : execution.join(std::get<FollowOperation>(step));
    if (!followed) {
      return util::unexpected(std::move(followed.error()));
    }
    for (const StackEvent& event : followed->events) {
      if (event.status == "DELETE_SKIPPED") {
        out.kept.push_back(event.logical_id + " (" + event.type + " " + event.physical_id + ")");
      }
    }
    const bool last = &step == &plan->steps.back();
    if (last && followed->final_status != "DELETE_COMPLETE") {
      return util::unexpected(Problem(failure(stack_name, *followed)));
    }
  }
  return out;
}

}  // namespace deploy
