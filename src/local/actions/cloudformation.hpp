#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "awsapi/cloudformation.hpp"
#include "cloudformation/change_set.hpp"
#include "local/action_table.hpp"
#include "local/api_error.hpp"
#include "local/context.hpp"
#include "local/providers/provider.hpp"
#include "local/stacks/book.hpp"
#include "local/stacks/runner.hpp"

namespace local {

// CloudFormation: stacks, change sets, their events and resources. The operations live in
// cloudformation*.cpp by subject; what runs is local/stacks/runner.hpp.
class CloudFormation {
 public:
  CloudFormation(Context& context, const ActionTable& actions, RoleRecords* roles)
      : context_(context),
        actions_(actions),
        book_(context.store),
        runner_({context, actions, roles}, book_) {}

  void add_actions(ActionTable& actions);
  void restore();

  // What resources of types beginning with `prefix` wait for may have happened.
  void wake(std::string_view prefix) { runner_.wake(prefix); }

 private:
  template <class T>
  using Answer = util::Result<T, ApiError>;
  using StackRecord = stacks::StackRecord;
  using ChangeSetRecord = stacks::ChangeSetRecord;

  // What a request wants a stack to be made of.
  struct Wanted {
    std::optional<std::string> body;
    std::optional<std::string> url;
    bool use_previous = false;
    std::vector<cloudformation::ParameterInput> parameters;
    stacks::Tags tags;
    std::vector<std::string> capabilities;
  };
  template <class Request>
  static Wanted wanted(const Request& request);
  // The text of a template in S3, as TemplateURL names it.
  [[nodiscard]] Answer<std::string> template_at(const std::string& url) const;
  // The same, checked: template, types, capabilities, parameters. `stack` may be null.
  Answer<stacks::Definition> definition(const Wanted& wanted, const StackRecord* stack);
  [[nodiscard]] cloudformation::Evaluated<std::vector<cloudformation::Change>>
  changes(const stacks::Plan& plan, const stacks::Definition& definition, const StackRecord& stack);

  static ApiError validation(std::string message) {
    return {"ValidationError", std::move(message), 400};
  }

  static ApiError no_such_stack(const std::string& name) {
    return validation("Stack with id " + name + " does not exist");
  }

  // cloudformation_stacks.cpp
  void add_stack_actions(ActionTable& actions);
  Answer<awsapi::cloudformation::CreateStackResponse> create_stack(
      const awsapi::cloudformation::CreateStackRequest& request);
  Answer<awsapi::cloudformation::UpdateStackResponse> update_stack(
      const awsapi::cloudformation::UpdateStackRequest& request);
  Answer<awsapi::cloudformation::DeleteStackResponse> delete_stack(
      const awsapi::cloudformation::DeleteStackRequest& request);
  Answer<awsapi::cloudformation::CancelUpdateStackResponse> cancel_update(
      const awsapi::cloudformation::CancelUpdateStackRequest& request);
  Answer<awsapi::cloudformation::ContinueUpdateRollbackResponse> continue_rollback(
      const awsapi::cloudformation::ContinueUpdateRollbackRequest& request);
  Answer<awsapi::cloudformation::UpdateTerminationProtectionResponse> protect(
      const awsapi::cloudformation::UpdateTerminationProtectionRequest& request);
  StackRecord new_stack(const std::string& name);
  void begin_update(StackRecord& stack, stacks::Definition definition, const std::string& token);

  // cloudformation_change_sets.cpp
  void add_change_set_actions(ActionTable& actions);
  Answer<awsapi::cloudformation::CreateChangeSetResponse> create_change_set(
      const awsapi::cloudformation::CreateChangeSetRequest& request);
  Answer<awsapi::cloudformation::DescribeChangeSetResponse> describe_change_set(
      const awsapi::cloudformation::DescribeChangeSetRequest& request);
  Answer<awsapi::cloudformation::ExecuteChangeSetResponse> execute_change_set(
      const awsapi::cloudformation::ExecuteChangeSetRequest& request);
  Answer<awsapi::cloudformation::DeleteChangeSetResponse> delete_change_set(
      const awsapi::cloudformation::DeleteChangeSetRequest& request);
  Answer<awsapi::cloudformation::ListChangeSetsResponse> list_change_sets(
      const awsapi::cloudformation::ListChangeSetsRequest& request);
  Answer<ChangeSetRecord*> find_change_set(const std::string& name, const std::string& stack_name);
  // The plan of a change set, or why it failed.
  void fill_changes(ChangeSetRecord& change_set, const StackRecord& stack);

  // cloudformation_describe.cpp
  void add_describe_actions(ActionTable& actions);
  Answer<awsapi::cloudformation::DescribeStacksResponse> describe_stacks(
      const awsapi::cloudformation::DescribeStacksRequest& request);
  Answer<awsapi::cloudformation::ListStacksResponse> list_stacks(
      const awsapi::cloudformation::ListStacksRequest& request);
  Answer<awsapi::cloudformation::DescribeStackEventsResponse> describe_events(
      const awsapi::cloudformation::DescribeStackEventsRequest& request);
  Answer<awsapi::cloudformation::DescribeStackResourceResponse> describe_resource(
      const awsapi::cloudformation::DescribeStackResourceRequest& request);
  Answer<awsapi::cloudformation::DescribeStackResourcesResponse> describe_resources(
      const awsapi::cloudformation::DescribeStackResourcesRequest& request);
  Answer<awsapi::cloudformation::ListStackResourcesResponse> list_resources(
      const awsapi::cloudformation::ListStackResourcesRequest& request);
  Answer<awsapi::cloudformation::ListExportsResponse> list_exports(
      const awsapi::cloudformation::ListExportsRequest& request);
  Answer<awsapi::cloudformation::ListImportsResponse> list_imports(
      const awsapi::cloudformation::ListImportsRequest& request);

  // cloudformation_templates.cpp
  void add_template_actions(ActionTable& actions);
  Answer<awsapi::cloudformation::GetTemplateResponse> get_template(
      const awsapi::cloudformation::GetTemplateRequest& request);
  Answer<awsapi::cloudformation::GetTemplateSummaryResponse> summarize(
      const awsapi::cloudformation::GetTemplateSummaryRequest& request);
  Answer<awsapi::cloudformation::ValidateTemplateResponse> validate(
      const awsapi::cloudformation::ValidateTemplateRequest& request);

  Context& context_;
  const ActionTable& actions_;
  stacks::Book book_;
  stacks::Runner runner_;
};

}  // namespace local
