#include "deploy/plan.hpp"

#include "cloudformation/limits.hpp"

#include "util/overloaded.hpp"

namespace deploy {
namespace {


// A stack of the same name that this project did not make is left alone.
std::optional<Refusal> refuse_other_owner(const std::string& project, const RemoteStack& stack) {
  const bool empty_shell = stack.phase() == StackPhase::shell && stack.project.empty();
  if (stack.project == project || empty_shell) {
    return std::nullopt;
  }
  const std::string owner = stack.project.empty() ? "was not made by `docker ecs`"
                                                  : "belongs to project `" + stack.project + "`";
  return Refusal{"stack `" + stack.name + "` exists and " + owner,
                 "choose another project name with --project-name"};
}

std::optional<Refusal> refuse_size(const Intent& intent) {
  if (intent.template_body.size() <= cloudformation::limits::kUploadedBytes) {
    return std::nullopt;
  }
  return Refusal{"the template has " + std::to_string(intent.template_body.size()) +
                     " bytes: CloudFormation takes at most 1000000",
                 "split the project into smaller ones"};
}

Plan make(std::vector<Step> steps) {
  return Plan{std::move(steps)};
}

}  // namespace

util::Result<Plan, Refusal> plan_up(const Intent& intent,
                                    const std::optional<RemoteStack>& remote) {
  if (auto refusal = refuse_size(intent)) {
    return util::unexpected(std::move(*refusal));
  }
  if (!remote) {
    return make({ApplyTemplate{ChangeKind::create}});
  }
  if (auto refusal = refuse_other_owner(intent.project, *remote)) {
    return util::unexpected(std::move(*refusal));
  }
  switch (remote->phase()) {
    case StackPhase::shell: return make({ApplyTemplate{ChangeKind::create}});
    case StackPhase::gone: return make({ApplyTemplate{ChangeKind::create}});
    case StackPhase::busy:
      return make({FollowOperation{remote->id, remote->status},
                   ApplyTemplate{remote->status == "DELETE_IN_PROGRESS" ? ChangeKind::create
                                                                        : ChangeKind::update}});
    case StackPhase::ready: return make({ApplyTemplate{ChangeKind::update}});
    case StackPhase::failed_creation:
      return make(
          {DeleteStack{remote->id, remote->status, true}, ApplyTemplate{ChangeKind::create}});
    case StackPhase::failed_deletion:
      return make(
          {DeleteStack{remote->id, remote->status, false}, ApplyTemplate{ChangeKind::create}});
    case StackPhase::failed_update: break;
  }
  return util::unexpected(
      Refusal{"stack `" + remote->name + "` is in state " + remote->status +
                  (remote->status_reason.empty() ? "" : ": " + remote->status_reason),
              "bring it to a steady state with `aws cloudformation continue-update-rollback "
              "--stack-name " +
                  remote->name + "`, or remove it with `docker ecs compose down`"});
}

util::Result<Plan, Refusal> plan_down(const std::string& project,
                                      const std::optional<RemoteStack>& remote) {
  if (!remote || remote->phase() == StackPhase::gone) {
    return Plan{};
  }
  if (auto refusal = refuse_other_owner(project, *remote)) {
    return util::unexpected(std::move(*refusal));
  }
  if (remote->status == "DELETE_IN_PROGRESS") {
    return make({FollowOperation{remote->id, remote->status}});
  }
  // CloudFormation breaks off a creation for a deletion, but not an update.
  if (remote->phase() == StackPhase::busy && remote->status.starts_with("UPDATE_")) {
    return make({FollowOperation{remote->id, remote->status}, DeleteStack{remote->id, {}, false}});
  }
  return make({DeleteStack{remote->id, {}, false}});
}

std::string describe(const Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) {
    out += std::visit(
        util::overloaded{[](const FollowOperation& s) {
                           return "wait for the operation under way (" + s.status + ")";
                         },
                         [](const DeleteStack& s) {
                           return s.because.empty()
                                      ? std::string("delete the stack")
                                      : "delete what is left of the stack (" + s.because + ")";
                         },
                         [](const ApplyTemplate& s) {
                           return std::string(s.kind == ChangeKind::create ? "create the stack"
                                                                           : "update the stack");
                         }},
        step);
    out += '\n';
  }
  return out;
}

}  // namespace deploy
