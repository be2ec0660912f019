#include <algorithm>
#include <array>
#include <utility>

#include "doc/json_writer.hpp"
#include "local/actions/cloudformation.hpp"
#include "local/actions/cloudformation_wanted.hpp"
#include "local/stacks/shown.hpp"

namespace local {
namespace {

namespace cfn = awsapi::cloudformation;
using cloudformation::Recreation;
using cloudformation::StackStatus;

constexpr std::string_view kNoChanges =
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set.";

std::string_view action_name(cloudformation::Action action) {
  static constexpr std::array<std::string_view, 3> kNames = {"Add", "Modify", "Remove"};
  return kNames.at(static_cast<std::size_t>(action));
}

std::string_view recreation_name(Recreation recreation) {
  static constexpr std::array<std::string_view, 3> kNames = {"Never", "Conditionally", "Always"};
  return kNames.at(static_cast<std::size_t>(recreation));
}

std::string_view cause_name(cloudformation::Cause cause) {
  static constexpr std::array<std::string_view, 4> kNames = {
      "DirectModification", "ParameterReference", "ResourceReference", "ResourceAttribute"};
  return kNames.at(static_cast<std::size_t>(cause));
}

std::string_view replacement_name(cloudformation::Replacement replacement) {
  static constexpr std::array<std::string_view, 4> kNames = {"", "False", "Conditional", "True"};
  return kNames.at(static_cast<std::size_t>(replacement));
}

std::string value_text(const stacks::Definition& definition, const doc::Node& value) {
  if (const auto text = cloudformation::scalar_text(value)) {
    return stacks::masked(definition, *text);
  }
  return stacks::shown_json(definition, value);
}

cfn::ResourceChangeDetail detail_of(const stacks::Definition& definition,
                                    const cloudformation::ChangeDetail& d,
                                    bool with_values) {
  cfn::ResourceTargetDefinition target;
  target.attribute = d.attribute;
  if (!d.property.empty()) {
    target.name = d.property;
  }
  target.requires_recreation = std::string(recreation_name(d.recreation));
  if (with_values && !d.property.empty()) {
    target.path = "/Properties/" + d.property;
    target.attribute_change_type = d.kind;
    if (!d.before.is_null()) {
      target.before_value = value_text(definition, d.before);
    }
    if (!d.after.is_null()) {
      target.after_value = value_text(definition, d.after);
    }
  }
  cfn::ResourceChangeDetail out;
  out.target = std::move(target);
  out.evaluation = d.is_static ? "Static" : "Dynamic";
  out.change_source = std::string(cause_name(d.cause));
  if (!d.causing_entity.empty()) {
    out.causing_entity = d.causing_entity;
  }
  return out;
}

std::string context_json(const stacks::Definition& definition, const doc::Node& properties) {
  return stacks::shown_json(
      definition,
      doc::map({{"Properties", properties.is_null() ? doc::Node{doc::Mapping{}} : properties}}));
}

cfn::Change change_of(const stacks::Definition& definition,
                      const cloudformation::Change& c,
                      bool with_values) {
  cfn::ResourceChange out;
  out.action = std::string(action_name(c.action));
  out.logical_resource_id = c.id;
  if (!c.physical_id.empty()) {
    out.physical_resource_id = c.physical_id;
  }
  out.resource_type = c.type;
  if (c.replacement != cloudformation::Replacement::none) {
    out.replacement = std::string(replacement_name(c.replacement));
  }
  if (!c.policy_action.empty()) {
    out.policy_action = c.policy_action;
  }
  out.scope = c.scope;
  for (const cloudformation::ChangeDetail& d : c.details) {
    if (with_values ? !d.without_values_only : !d.with_values_only) {
      out.details.push_back(detail_of(definition, d, with_values));
    }
  }
  if (with_values && !c.before.is_null()) {
    out.before_context = context_json(definition, c.before);
  }
  if (with_values && c.action != cloudformation::Action::remove) {
    out.after_context = context_json(definition, c.after);
  }
  return {.type = "Resource", .hook_invocation_count = {}, .resource_change = std::move(out)};
}

doc::Node changes_node(const stacks::Definition& definition,
                       const std::vector<cloudformation::Change>& changes,
                       bool with_values) {
  doc::Sequence out;
  for (const cloudformation::Change& c : changes) {
    if (!with_values || !c.without_values_only) {
      out.items.push_back(change_of(definition, c, with_values).to_node(awsapi::EmptyLists::write));
    }
  }
  return doc::Node{std::move(out)};
}

std::vector<cfn::Tag> tags_of(const stacks::Tags& tags) {
  std::vector<cfn::Tag> out;
  for (const auto& [key, value] : tags) {
    out.push_back({key, value});
  }
  return out;
}

ApiError no_such_change_set(const std::string& name) {
  return {"ChangeSetNotFound", "ChangeSet [" + name + "] does not exist", 404};
}

awsapi::Timestamp millis(stacks::Time time) {
  return {time.time_since_epoch().count()};
}

}  // namespace

void CloudFormation::add_change_set_actions(ActionTable& actions) {
  actions.add<cfn::CreateChangeSetRequest>([this](const auto& r) { return create_change_set(r); });
  actions.add<cfn::DescribeChangeSetRequest>(
      [this](const auto& r) { return describe_change_set(r); });
  actions.add<cfn::ExecuteChangeSetRequest>(
      [this](const auto& r) { return execute_change_set(r); });
  actions.add<cfn::DeleteChangeSetRequest>([this](const auto& r) { return delete_change_set(r); });
  actions.add<cfn::ListChangeSetsRequest>([this](const auto& r) { return list_change_sets(r); });
}

CloudFormation::Answer<stacks::ChangeSetRecord*> CloudFormation::find_change_set(
    const std::string& name,
    const std::string& stack_name) {
  auto& all = book_.change_sets();
  if (const auto at = all.find(name); at != all.end()) {
    return &at->second;
  }
  if (name.starts_with("arn:")) {
    return util::unexpected(no_such_change_set(name));
  }
  if (stack_name.empty()) {
    return util::unexpected(
        validation("StackName must be specified if ChangeSetName is not specified as an ARN."));
  }
  const StackRecord* stack = book_.find(stack_name);
  if (stack == nullptr) {
    return util::unexpected(validation("Stack [" + stack_name + "] does not exist"));
  }
  for (auto& [id, record] : all) {
    if (record.stack_id == stack->id && record.name == name) {
      return &record;
    }
  }
  return util::unexpected(no_such_change_set(name));
}

void CloudFormation::fill_changes(ChangeSetRecord& change_set, const StackRecord& stack) {
  auto plan = stacks::make_plan(context_, stack.name, stack.id, change_set.definition);
  auto planned = plan ? changes(*plan, change_set.definition, stack)
                      : util::unexpected(std::move(plan.error()));
  change_set.status = "CREATE_COMPLETE";
  change_set.execution_status = "AVAILABLE";
  const auto failed = [&](std::string_view reason) {
    change_set.status = "FAILED";
    change_set.execution_status = "UNAVAILABLE";
    change_set.status_reason = reason;
    change_set.changes = doc::list({});
    change_set.changes_with_values = doc::list({});
  };
  if (!planned) {
    failed(planned.error());
    return;
  }
  bool outputs_differ = true;
  if (auto before = stacks::read_template(stack.current.body)) {
    const doc::Node old_outputs = cloudformation::to_node(*before);
    const doc::Node new_outputs = cloudformation::to_node(plan->document);
    const doc::Node* a = old_outputs.find("Outputs");
    const doc::Node* b = new_outputs.find("Outputs");
    outputs_differ = (a == nullptr) != (b == nullptr) ||
                     (a != nullptr && b != nullptr && !doc::equivalent(*a, *b));
  }
  if (planned->empty() && !outputs_differ) {
    failed(kNoChanges);
    return;
  }
  change_set.changes = changes_node(change_set.definition, *planned, false);
  change_set.changes_with_values = changes_node(change_set.definition, *planned, true);
}

CloudFormation::Answer<cfn::CreateChangeSetResponse> CloudFormation::create_change_set(
    const cfn::CreateChangeSetRequest& request) {
  const std::string type = request.change_set_type.value_or("UPDATE");
  if (type == "IMPORT" || request.deployment_mode) {
    return util::unexpected(
        validation("This kind of change set is not supported by the local engine."));
  }
  StackRecord* stack = book_.find(request.stack_name);
  const bool review = stack != nullptr && stack->status == StackStatus::review_in_progress;
  if (type == "CREATE" && stack != nullptr && !review) {
    return util::unexpected(
        validation("Stack [" + stack->name +
                   "] already exists and cannot be created again with the changeSet [" +
                   request.change_set_name + "]."));
  }
  if (type == "UPDATE" && stack == nullptr) {
    return util::unexpected(validation("Stack [" + request.stack_name + "] does not exist"));
  }
  if (type == "UPDATE" && !can_update(stack->status)) {
    return util::unexpected(validation("Stack:" + stack->id + " is in " +
                                       std::string(to_string(stack->status)) +
                                       " state and can not be updated."));
  }
  for (const auto& [id, other] : book_.change_sets()) {
    if (stack != nullptr && other.stack_id == stack->id && other.name == request.change_set_name) {
      if (request.client_token && other.client_token == *request.client_token) {
        return cfn::CreateChangeSetResponse{.id = other.id, .stack_id = other.stack_id};
      }
      return util::unexpected(ApiError{"AlreadyExistsException",
                                       "ChangeSet [" + request.change_set_name + "] already exists",
                                       400});
    }
  }
  Wanted want = wanted(request);
  if (want.tags.empty() && type == "UPDATE") {
    want.tags = stack->current.tags;
  }
  auto made = definition(want, stack);
  if (!made) {
    return util::unexpected(std::move(made.error()));
  }
  if (stack == nullptr) {
    stack = &book_.add(new_stack(request.stack_name));
    stack->reason = "User Initiated";
    runner_.add_stack_event(*stack);
    stack->reason.clear();
  }
  ChangeSetRecord record;
  record.id = context_.arn("cloudformation",
                           "changeSet/" + request.change_set_name + "/" + context_.ids.uuid());
  record.name = request.change_set_name;
  record.stack_id = stack->id;
  record.stack_name = stack->name;
  record.type = type;
  record.description = request.description.value_or("");
  record.on_stack_failure = request.on_stack_failure.value_or("");
  record.definition = std::move(*made);
  record.created = context_.now();
  record.notification_arns = request.notification_ar_ns;
  record.role_arn = request.role_arn.value_or("");
  record.client_token = request.client_token.value_or("");
  fill_changes(record, *stack);
  const std::string id = book_.add(std::move(record)).id;
  return cfn::CreateChangeSetResponse{.id = id, .stack_id = stack->id};
}

CloudFormation::Answer<cfn::DescribeChangeSetResponse> CloudFormation::describe_change_set(
    const cfn::DescribeChangeSetRequest& request) {
  auto found = find_change_set(request.change_set_name, request.stack_name.value_or(""));
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  const ChangeSetRecord& record = **found;
  cfn::DescribeChangeSetResponse out;
  out.change_set_name = record.name;
  out.change_set_id = record.id;
  out.stack_id = record.stack_id;
  out.stack_name = record.stack_name;
  if (!record.description.empty()) {
    out.description = record.description;
  }
  for (const cloudformation::ParameterValue& p : record.definition.parameters) {
    out.parameters.push_back({.parameter_key = p.name,
                              .parameter_value = p.no_echo ? "****" : p.value,
                              .use_previous_value = {},
                              .resolved_value = p.resolved});
  }
  out.creation_time = millis(record.created);
  out.execution_status = record.execution_status;
  out.status = record.status;
  if (!record.status_reason.empty()) {
    out.status_reason = record.status_reason;
  }
  out.notification_ar_ns = record.notification_arns;
  out.rollback_configuration = cfn::RollbackConfiguration{};
  out.capabilities = record.definition.capabilities;
  out.tags = tags_of(record.definition.tags);
  out.include_nested_stacks = false;
  if (!record.on_stack_failure.empty()) {
    out.on_stack_failure = record.on_stack_failure;
  }
  const doc::Node& changes =
      request.include_property_values.value_or(false) ? record.changes_with_values : record.changes;
  if (const doc::Sequence* list = changes.as_sequence()) {
    for (const doc::Node& change : list->items) {
      out.changes.push_back(cfn::Change::from_node(change));
    }
  }
  return out;
}

CloudFormation::Answer<cfn::ExecuteChangeSetResponse> CloudFormation::execute_change_set(
    const cfn::ExecuteChangeSetRequest& request) {
  auto found = find_change_set(request.change_set_name, request.stack_name.value_or(""));
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  ChangeSetRecord& record = **found;
  StackRecord* stack = book_.find(record.stack_id);
  const std::string token = request.client_request_token.value_or("");
  if (record.execution_status == "EXECUTE_COMPLETE" && stack != nullptr && !token.empty() &&
      stack->client_token == token) {
    return cfn::ExecuteChangeSetResponse{};
  }
  if (record.execution_status != "AVAILABLE" || stack == nullptr) {
    return util::unexpected(ApiError{"InvalidChangeSetStatus",
                                     "ChangeSet [" + record.id +
                                         "] cannot be executed in its current status of [" +
                                         record.status + "]",
                                     400});
  }
  const bool create = stack->status == StackStatus::review_in_progress;
  if (!create && !can_update(stack->status)) {
    return util::unexpected(validation("Stack:" + stack->id + " is in " +
                                       std::string(to_string(stack->status)) +
                                       " state and can not be updated."));
  }
  if (request.disable_rollback.value_or(false) && !record.on_stack_failure.empty()) {
    return util::unexpected(
        validation("You can specify either DisableRollback or OnStackFailure, but not both."));
  }
  stack->change_set_id = record.id;
  stack->disable_rollback = request.disable_rollback.value_or(false);
  stack->retain_except_on_create = request.retain_except_on_create.value_or(false);
  stack->on_failure = record.on_stack_failure.empty() ? "ROLLBACK" : record.on_stack_failure;
  stack->notification_arns = record.notification_arns;
  record.execution_status = "EXECUTE_COMPLETE";
  book_.save(record);
  std::vector<std::string> stale;
  for (const auto& [id, other] : book_.change_sets()) {
    if (other.stack_id == stack->id && id != record.id) {
      stale.push_back(id);
    }
  }
  for (const std::string& id : stale) {
    book_.remove_change_set(id);
  }
  stacks::Definition wanted = record.definition;
  if (create) {
    stack->current = std::move(wanted);
    stack->updated = context_.now();
    stack->client_token = token;
    runner_.begin(*stack, StackStatus::create_in_progress, "User Initiated");
  } else {
    begin_update(*stack, std::move(wanted), token);
  }
  return cfn::ExecuteChangeSetResponse{};
}

CloudFormation::Answer<cfn::DeleteChangeSetResponse> CloudFormation::delete_change_set(
    const cfn::DeleteChangeSetRequest& request) {
  auto found = find_change_set(request.change_set_name, request.stack_name.value_or(""));
  if (!found) {
    if (found.error().code == "ChangeSetNotFound") {
      return cfn::DeleteChangeSetResponse{};
    }
    return util::unexpected(std::move(found.error()));
  }
  const std::string id = (*found)->id;
  book_.remove_change_set(id);
  return cfn::DeleteChangeSetResponse{};
}

CloudFormation::Answer<cfn::ListChangeSetsResponse> CloudFormation::list_change_sets(
    const cfn::ListChangeSetsRequest& request) {
  const StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr) {
    return util::unexpected(validation("Stack [" + request.stack_name + "] does not exist"));
  }
  cfn::ListChangeSetsResponse out;
  for (const auto& [id, record] : book_.change_sets()) {
    if (record.stack_id != stack->id) {
      continue;
    }
    cfn::ChangeSetSummary summary;
    summary.stack_id = record.stack_id;
    summary.stack_name = record.stack_name;
    summary.change_set_id = id;
    summary.change_set_name = record.name;
    summary.execution_status = record.execution_status;
    summary.status = record.status;
    if (!record.status_reason.empty()) {
      summary.status_reason = record.status_reason;
    }
    summary.creation_time = millis(record.created);
    if (!record.description.empty()) {
      summary.description = record.description;
    }
    summary.include_nested_stacks = false;
    out.summaries.push_back(std::move(summary));
  }
  return out;
}

}  // namespace local
