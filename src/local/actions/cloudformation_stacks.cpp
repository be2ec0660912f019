#include <algorithm>
#include <utility>

#include "local/actions/cloudformation.hpp"
#include "local/actions/cloudformation_wanted.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace cfn = awsapi::cloudformation;
using cloudformation::StackStatus;

bool is_stack_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() <= 128 && letter(name.front()) &&
         std::all_of(
             name.begin(), name.end(), [](char c) { return util::is_alnum(c) || c == '-'; });
}

std::string state_text(const stacks::StackRecord& stack, std::string_view cannot) {
  return "Stack:" + stack.id + " is in " + std::string(to_string(stack.status)) +
         " state and can not be " + std::string(cannot) + ".";
}

}  // namespace

void CloudFormation::add_stack_actions(ActionTable& actions) {
  actions.add<cfn::CreateStackRequest>([this](const auto& r) { return create_stack(r); });
  actions.add<cfn::UpdateStackRequest>([this](const auto& r) { return update_stack(r); });
  actions.add<cfn::DeleteStackRequest>([this](const auto& r) { return delete_stack(r); });
  actions.add<cfn::CancelUpdateStackRequest>([this](const auto& r) { return cancel_update(r); });
  actions.add<cfn::ContinueUpdateRollbackRequest>(
      [this](const auto& r) { return continue_rollback(r); });
  actions.add<cfn::UpdateTerminationProtectionRequest>(
      [this](const auto& r) { return protect(r); });
}

stacks::StackRecord CloudFormation::new_stack(const std::string& name) {
  StackRecord out;
  out.name = name;
  out.id = context_.arn("cloudformation", "stack/" + name + "/" + context_.ids.uuid());
  out.created = context_.now();
  return out;
}

CloudFormation::Answer<cfn::CreateStackResponse> CloudFormation::create_stack(
    const cfn::CreateStackRequest& request) {
  if (!is_stack_name(request.stack_name)) {
    return util::unexpected(
        validation("1 validation error detected: Value '" + request.stack_name +
                   "' at 'stackName' failed to satisfy constraint: Member must satisfy regular "
                   "expression pattern: [a-zA-Z][-a-zA-Z0-9]*"));
  }
  const std::string token = request.client_request_token.value_or("");
  if (const StackRecord* there = book_.find(request.stack_name)) {
    if (!token.empty() && there->client_token == token) {
      return cfn::CreateStackResponse{.stack_id = there->id, .operation_id = {}};
    }
    return util::unexpected(ApiError{
        "AlreadyExistsException", "Stack [" + request.stack_name + "] already exists", 400});
  }
  if (request.disable_rollback && request.on_failure) {
    return util::unexpected(
        validation("You can specify either DisableRollback or OnFailure, but not both."));
  }
  auto made = definition(wanted(request), nullptr);
  if (!made) {
    return util::unexpected(std::move(made.error()));
  }
  StackRecord record = new_stack(request.stack_name);
  record.current = std::move(*made);
  record.client_token = token;
  record.disable_rollback = request.disable_rollback.value_or(false);
  record.on_failure = request.on_failure.value_or("ROLLBACK");
  record.termination_protection = request.enable_termination_protection.value_or(false);
  record.retain_except_on_create = request.retain_except_on_create.value_or(false);
  record.notification_arns = request.notification_ar_ns;
  record.role_arn = request.role_arn.value_or("");
  StackRecord& stack = book_.add(std::move(record));
  runner_.begin(stack, StackStatus::create_in_progress, "User Initiated");
  return cfn::CreateStackResponse{.stack_id = stack.id, .operation_id = {}};
}

void CloudFormation::begin_update(StackRecord& stack,
                                  stacks::Definition definition,
                                  const std::string& token) {
  stack.previous = std::exchange(stack.current, std::move(definition));
  stack.updated = context_.now();
  stack.client_token = token;
  runner_.begin(stack, StackStatus::update_in_progress, "User Initiated");
}

CloudFormation::Answer<cfn::UpdateStackResponse> CloudFormation::update_stack(
    const cfn::UpdateStackRequest& request) {
  StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr) {
    return util::unexpected(validation("Stack [" + request.stack_name + "] does not exist"));
  }
  const std::string token = request.client_request_token.value_or("");
  if (!token.empty() && stack->client_token == token) {
    return cfn::UpdateStackResponse{.stack_id = stack->id, .operation_id = {}};
  }
  if (!can_update(stack->status)) {
    return util::unexpected(validation(state_text(*stack, "updated")));
  }
  Wanted want = wanted(request);
  if (want.tags.empty()) {
    want.tags = stack->current.tags;
  }
  auto made = definition(want, stack);
  if (!made) {
    return util::unexpected(std::move(made.error()));
  }
  auto plan = stacks::make_plan(context_, stack->name, stack->id, *made);
  auto planned = plan ? changes(*plan, *made, *stack) : util::unexpected(std::move(plan.error()));
  if (!planned) {
    return util::unexpected(validation(std::move(planned.error())));
  }
  const bool failed_before =
      stack->status == StackStatus::create_failed || stack->status == StackStatus::update_failed;
  if (planned->empty() && !failed_before && made->body == stack->current.body) {
    return util::unexpected(validation("No updates are to be performed."));
  }
  stack->disable_rollback = request.disable_rollback.value_or(false);
  stack->retain_except_on_create = request.retain_except_on_create.value_or(false);
  if (!request.notification_ar_ns.empty()) {
    stack->notification_arns = request.notification_ar_ns;
  }
  begin_update(*stack, std::move(*made), token);
  return cfn::UpdateStackResponse{.stack_id = stack->id, .operation_id = {}};
}

CloudFormation::Answer<cfn::DeleteStackResponse> CloudFormation::delete_stack(
    const cfn::DeleteStackRequest& request) {
  StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr || stack->status == StackStatus::delete_complete ||
      stack->status == StackStatus::delete_in_progress) {
    return cfn::DeleteStackResponse{};
  }
  if (stack->termination_protection) {
    return util::unexpected(validation(
        "Stack [" + stack->name + "] cannot be deleted while TerminationProtection is enabled"));
  }
  if (!can_delete(stack->status)) {
    return util::unexpected(validation("Stack [" + stack->name +
                                       "] cannot be deleted while in status " +
                                       std::string(to_string(stack->status))));
  }
  if (!request.retain_resources.empty() && stack->status != StackStatus::delete_failed) {
    return util::unexpected(
        validation("Invalid operation on stack [" + stack->id +
                   "]. RetainResources is for stacks in the DELETE_FAILED state"));
  }
  for (const auto& [id, other] : book_.stacks()) {
    for (const stacks::StackOutput& output : stack->outputs) {
      if (!output.export_name.empty() &&
          std::find(other.imports.begin(), other.imports.end(), output.export_name) !=
              other.imports.end()) {
        return util::unexpected(validation("Export " + output.export_name +
                                           " cannot be deleted as it is in use by " + other.name));
      }
    }
  }
  runner_.cancel_work(*stack);
  stack->retain = request.retain_resources;
  stack->client_token = request.client_request_token.value_or("");
  runner_.begin(*stack, StackStatus::delete_in_progress, "User Initiated");
  return cfn::DeleteStackResponse{};
}

CloudFormation::Answer<cfn::CancelUpdateStackResponse> CloudFormation::cancel_update(
    const cfn::CancelUpdateStackRequest& request) {
  StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr) {
    return util::unexpected(validation("Stack [" + request.stack_name + "] does not exist"));
  }
  if (stack->status != StackStatus::update_in_progress || !stack->previous) {
    return util::unexpected(
        validation("CancelUpdateStack cannot be called from current stack status"));
  }
  runner_.cancel_work(*stack);
  stack->current = *stack->previous;
  runner_.begin(*stack, StackStatus::update_rollback_in_progress, "User Initiated");
  return cfn::CancelUpdateStackResponse{};
}

CloudFormation::Answer<cfn::ContinueUpdateRollbackResponse> CloudFormation::continue_rollback(
    const cfn::ContinueUpdateRollbackRequest& request) {
  StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr) {
    return util::unexpected(validation("Stack [" + request.stack_name + "] does not exist"));
  }
  if (stack->status != StackStatus::update_rollback_failed) {
    return util::unexpected(validation(state_text(*stack, "rolled back")));
  }
  if (!request.resources_to_skip.empty()) {
    return util::unexpected(validation("ResourcesToSkip is not supported by the local engine."));
  }
  stack->client_token = request.client_request_token.value_or("");
  runner_.begin(*stack, StackStatus::update_rollback_in_progress, "User Initiated");
  return cfn::ContinueUpdateRollbackResponse{};
}

CloudFormation::Answer<cfn::UpdateTerminationProtectionResponse> CloudFormation::protect(
    const cfn::UpdateTerminationProtectionRequest& request) {
  StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr || stack->status == StackStatus::delete_complete) {
    return util::unexpected(validation("Stack [" + request.stack_name + "] does not exist"));
  }
  stack->termination_protection = request.enable_termination_protection;
  book_.save(*stack);
  return cfn::UpdateTerminationProtectionResponse{.stack_id = stack->id};
}

}  // namespace local
