#include <algorithm>
#include <utility>

#include "local/actions/cloudformation.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace cfn = awsapi::cloudformation;
using cloudformation::StackStatus;

constexpr std::size_t kEventPage = 100;

std::optional<std::string> maybe(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

awsapi::Timestamp stamp(stacks::Time time) {
  return {time.time_since_epoch().count()};
}

cfn::Stack stack_shape(const stacks::StackRecord& record) {
  cfn::Stack out;
  out.stack_id = record.id;
  out.stack_name = record.name;
  out.change_set_id = maybe(record.change_set_id);
  out.creation_time = stamp(record.created);
  if (record.updated) {
    out.last_updated_time = stamp(*record.updated);
  }
  if (record.deleted) {
    out.deletion_time = stamp(*record.deleted);
  }
  out.rollback_configuration = cfn::RollbackConfiguration{};
  out.stack_status = to_string(record.status);
  out.stack_status_reason = maybe(record.reason);
  out.disable_rollback = record.disable_rollback;
  out.notification_ar_ns = record.notification_arns;
  out.capabilities = record.current.capabilities;
  out.role_arn = maybe(record.role_arn);
  for (const cloudformation::ParameterValue& p : record.current.parameters) {
    out.parameters.push_back({.parameter_key = p.name,
                              .parameter_value = p.no_echo ? "****" : p.value,
                              .use_previous_value = {},
                              .resolved_value = p.resolved});
  }
  for (const stacks::StackOutput& o : record.outputs) {
    out.outputs.push_back({.output_key = o.key,
                           .output_value = o.value,
                           .description = maybe(o.description),
                           .export_name = maybe(o.export_name)});
  }
  for (const auto& [key, value] : record.current.tags) {
    out.tags.push_back({key, value});
  }
  if (record.status != StackStatus::delete_complete) {
    out.enable_termination_protection = record.termination_protection;
  }
  out.drift_information =
      cfn::StackDriftInformation{.stack_drift_status = "NOT_CHECKED", .last_check_timestamp = {}};
  if (auto document = stacks::read_template(record.current.body)) {
    out.description = maybe(document->description);
  }
  return out;
}

// The resources a client sees: not the old copies that wait for the cleanup.
std::vector<const stacks::ResourceRecord*> shown(const stacks::Resources& resources) {
  std::vector<const stacks::ResourceRecord*> out;
  for (const auto& [key, record] : resources) {
    if (!record.old_copy) {
      out.push_back(&record);
    }
  }
  return out;
}

// A copy in the making is shown with the id it has already.
const std::string& physical_id(const stacks::ResourceRecord& record) {
  return record.work == stacks::Work::replacing && !record.target.physical_id.empty()
             ? record.target.physical_id
             : record.copy.physical_id;
}

cfn::StackResource resource_shape(const stacks::StackRecord& stack,
                                  const stacks::ResourceRecord& record) {
  cfn::StackResource out;
  out.stack_name = stack.name;
  out.stack_id = stack.id;
  out.logical_resource_id = record.id;
  out.physical_resource_id = maybe(physical_id(record));
  out.resource_type = record.type;
  out.timestamp = stamp(record.time);
  out.resource_status = record.status;
  out.resource_status_reason = maybe(record.reason);
  out.drift_information = cfn::StackResourceDriftInformation{
      .stack_resource_drift_status = "NOT_CHECKED", .last_check_timestamp = {}};
  return out;
}

}  // namespace

void CloudFormation::add_describe_actions(ActionTable& actions) {
  actions.add<cfn::DescribeStacksRequest>([this](const auto& r) { return describe_stacks(r); });
  actions.add<cfn::ListStacksRequest>([this](const auto& r) { return list_stacks(r); });
  actions.add<cfn::DescribeStackEventsRequest>(
      [this](const auto& r) { return describe_events(r); });
  actions.add<cfn::DescribeStackResourceRequest>(
      [this](const auto& r) { return describe_resource(r); });
  actions.add<cfn::DescribeStackResourcesRequest>(
      [this](const auto& r) { return describe_resources(r); });
  actions.add<cfn::ListStackResourcesRequest>([this](const auto& r) { return list_resources(r); });
  actions.add<cfn::ListExportsRequest>([this](const auto& r) { return list_exports(r); });
  actions.add<cfn::ListImportsRequest>([this](const auto& r) { return list_imports(r); });
}

CloudFormation::Answer<cfn::DescribeStacksResponse> CloudFormation::describe_stacks(
    const cfn::DescribeStacksRequest& request) {
  cfn::DescribeStacksResponse out;
  if (request.stack_name) {
    const StackRecord* stack = book_.find(*request.stack_name);
    if (stack == nullptr) {
      return util::unexpected(no_such_stack(*request.stack_name));
    }
    out.stacks.push_back(stack_shape(*stack));
    return out;
  }
  for (const auto& [id, stack] : book_.stacks()) {
    if (stack.status != StackStatus::delete_complete) {
      out.stacks.push_back(stack_shape(stack));
    }
  }
  std::stable_sort(out.stacks.begin(), out.stacks.end(), [](const auto& a, const auto& b) {
    return a.creation_time > b.creation_time;
  });
  return out;
}

CloudFormation::Answer<cfn::ListStacksResponse> CloudFormation::list_stacks(
    const cfn::ListStacksRequest& request) {
  cfn::ListStacksResponse out;
  for (const auto& [id, stack] : book_.stacks()) {
    const std::string status(to_string(stack.status));
    const auto& filter = request.stack_status_filter;
    if (!filter.empty() && std::find(filter.begin(), filter.end(), status) == filter.end()) {
      continue;
    }
    const cfn::Stack whole = stack_shape(stack);
    cfn::StackSummary summary;
    summary.stack_id = stack.id;
    summary.stack_name = stack.name;
    summary.template_description = whole.description;
    summary.creation_time = whole.creation_time;
    summary.last_updated_time = whole.last_updated_time;
    summary.deletion_time = whole.deletion_time;
    summary.stack_status = status;
    summary.stack_status_reason = whole.stack_status_reason;
    summary.drift_information = cfn::StackDriftInformationSummary{
        .stack_drift_status = "NOT_CHECKED", .last_check_timestamp = {}};
    out.stack_summaries.push_back(std::move(summary));
  }
  std::stable_sort(out.stack_summaries.begin(),
                   out.stack_summaries.end(),
                   [](const auto& a, const auto& b) { return a.creation_time > b.creation_time; });
  return out;
}

// The token is the sequence number after which the page begins, so that events which arrive between
// two pages do not shift them.
CloudFormation::Answer<cfn::DescribeStackEventsResponse> CloudFormation::describe_events(
    const cfn::DescribeStackEventsRequest& request) {
  const StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr) {
    return util::unexpected(validation("Stack [" + request.stack_name + "] does not exist"));
  }
  const auto before = request.next_token ? util::parse_int(*request.next_token) : std::nullopt;
  if (request.next_token && !before) {
    return util::unexpected(validation("Invalid NextToken"));
  }
  cfn::DescribeStackEventsResponse out;
  const auto& events = book_.events(stack->id);
  for (auto at = events.rbegin(); at != events.rend(); ++at) {
    if (before && at->sequence >= static_cast<std::uint64_t>(*before)) {
      continue;
    }
    if (out.stack_events.size() == kEventPage) {
      out.next_token = std::to_string(std::prev(at)->sequence);
      break;
    }
    cfn::StackEvent event;
    event.stack_id = at->stack_id;
    event.event_id = at->id;
    event.stack_name = at->stack_name;
    event.logical_resource_id = at->logical_id;
    event.physical_resource_id = at->physical_id;
    event.resource_type = at->type;
    event.timestamp = stamp(at->time);
    event.resource_status = at->status;
    event.detailed_status = maybe(at->detailed_status);
    event.resource_status_reason = maybe(at->reason);
    event.resource_properties = maybe(at->properties);
    event.client_request_token = maybe(at->client_token);
    out.stack_events.push_back(std::move(event));
  }
  return out;
}

CloudFormation::Answer<cfn::DescribeStackResourceResponse> CloudFormation::describe_resource(
    const cfn::DescribeStackResourceRequest& request) {
  const StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr) {
    return util::unexpected(validation("Stack '" + request.stack_name + "' does not exist"));
  }
  const stacks::Resources& resources = book_.resources(stack->id);
  const auto at = resources.find(request.logical_resource_id);
  if (at == resources.end() || at->second.old_copy) {
    return util::unexpected(validation("Resource " + request.logical_resource_id +
                                       " does not exist for stack " + stack->name));
  }
  const cfn::StackResource shape = resource_shape(*stack, at->second);
  cfn::StackResourceDetail detail;
  detail.stack_name = stack->name;
  detail.stack_id = stack->id;
  detail.logical_resource_id = shape.logical_resource_id;
  detail.physical_resource_id = shape.physical_resource_id;
  detail.resource_type = shape.resource_type;
  detail.last_updated_timestamp = shape.timestamp;
  detail.resource_status = shape.resource_status;
  detail.resource_status_reason = shape.resource_status_reason;
  detail.metadata = "{}";
  detail.drift_information = shape.drift_information;
  return cfn::DescribeStackResourceResponse{.stack_resource_detail = std::move(detail)};
}

CloudFormation::Answer<cfn::DescribeStackResourcesResponse> CloudFormation::describe_resources(
    const cfn::DescribeStackResourcesRequest& request) {
  cfn::DescribeStackResourcesResponse out;
  const StackRecord* stack = nullptr;
  if (request.stack_name) {
    stack = book_.find(*request.stack_name);
    if (stack == nullptr) {
      return util::unexpected(no_such_stack(*request.stack_name));
    }
  } else if (request.physical_resource_id) {
    for (const auto& [id, candidate] : book_.stacks()) {
      for (const stacks::ResourceRecord* record : shown(book_.resources(id))) {
        if (physical_id(*record) == *request.physical_resource_id && record->exists()) {
          stack = &candidate;
        }
      }
    }
    if (stack == nullptr) {
      return util::unexpected(
          validation("Stack for " + *request.physical_resource_id + " does not exist"));
    }
  } else {
    return util::unexpected(validation("Either StackName or PhysicalResourceId must be specified"));
  }
  for (const stacks::ResourceRecord* record : shown(book_.resources(stack->id))) {
    if (!request.logical_resource_id || record->id == *request.logical_resource_id) {
      out.stack_resources.push_back(resource_shape(*stack, *record));
    }
  }
  return out;
}

CloudFormation::Answer<cfn::ListStackResourcesResponse> CloudFormation::list_resources(
    const cfn::ListStackResourcesRequest& request) {
  const StackRecord* stack = book_.find(request.stack_name);
  if (stack == nullptr) {
    return util::unexpected(no_such_stack(request.stack_name));
  }
  cfn::ListStackResourcesResponse out;
  for (const stacks::ResourceRecord* record : shown(book_.resources(stack->id))) {
    cfn::StackResourceSummary summary;
    summary.logical_resource_id = record->id;
    summary.physical_resource_id = maybe(physical_id(*record));
    summary.resource_type = record->type;
    summary.last_updated_timestamp = stamp(record->time);
    summary.resource_status = record->status;
    summary.resource_status_reason = maybe(record->reason);
    summary.drift_information = cfn::StackResourceDriftInformationSummary{
        .stack_resource_drift_status = "NOT_CHECKED", .last_check_timestamp = {}};
    out.stack_resource_summaries.push_back(std::move(summary));
  }
  return out;
}

CloudFormation::Answer<cfn::ListExportsResponse> CloudFormation::list_exports(
    const cfn::ListExportsRequest& /*request*/) {
  cfn::ListExportsResponse out;
  for (const auto& [id, stack] : book_.stacks()) {
    for (const stacks::StackOutput& output : stack.outputs) {
      if (!output.export_name.empty()) {
        out.exports.push_back(
            {.exporting_stack_id = id, .name = output.export_name, .value = output.value});
      }
    }
  }
  std::sort(out.exports.begin(), out.exports.end(), [](const auto& a, const auto& b) {
    return a.name < b.name;
  });
  return out;
}

CloudFormation::Answer<cfn::ListImportsResponse> CloudFormation::list_imports(
    const cfn::ListImportsRequest& request) {
  cfn::ListImportsResponse out;
  for (const auto& [id, stack] : book_.stacks()) {
    if (std::find(stack.imports.begin(), stack.imports.end(), request.export_name) !=
        stack.imports.end()) {
      out.imports.push_back(stack.name);
    }
  }
  if (out.imports.empty()) {
    return util::unexpected(
        validation("Export '" + request.export_name + "' is not imported by any stack."));
  }
  return out;
}

}  // namespace local
