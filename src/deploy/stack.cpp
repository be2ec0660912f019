#include "deploy/stack.hpp"

#include <utility>

namespace deploy {
namespace {

bool is_absent(const ApiError& error) {
  return error.kind == ApiError::Kind::answered && error.code == "ValidationError" &&
         error.message.find("does not exist") != std::string::npos;
}

RemoteStack to_remote(const awsapi::cloudformation::Stack& stack) {
  RemoteStack out;
  out.id = stack.stack_id.value_or("");
  out.name = stack.stack_name;
  out.status = stack.stack_status;
  out.status_reason = stack.stack_status_reason.value_or("");
  for (const auto& tag : stack.tags) {
    if (tag.key == kProjectTag) {
      out.project = tag.value;
    }
  }
  for (const auto& output : stack.outputs) {
    out.outputs.push_back({output.output_key.value_or(""),
                           output.output_value.value_or(""),
                           output.description.value_or("")});
  }
  return out;
}

}  // namespace

StackPhase phase_of(std::string_view status) {
  if (status == "REVIEW_IN_PROGRESS") {
    return StackPhase::shell;
  }
  // Only deletions of what the update replaced are left to do: another update is accepted when they
  // are through.
  if (status.ends_with("_IN_PROGRESS")) {
    return StackPhase::busy;
  }
  if (status == "DELETE_COMPLETE") {
    return StackPhase::gone;
  }
  if (status == "DELETE_FAILED") {
    return StackPhase::failed_deletion;
  }
  if (status == "ROLLBACK_COMPLETE" || status == "ROLLBACK_FAILED" || status == "CREATE_FAILED") {
    return StackPhase::failed_creation;
  }
  if (status == "UPDATE_FAILED" || status == "UPDATE_ROLLBACK_FAILED") {
    return StackPhase::failed_update;
  }
  return StackPhase::ready;
}

ApiResult<std::optional<RemoteStack>> read_stack(Api& api, const std::string& name_or_id) {
  awsapi::cloudformation::DescribeStacksRequest request;
  request.stack_name = name_or_id;
  const auto answer = api.send(request);
  if (!answer) {
    if (is_absent(answer.error())) {
      return std::optional<RemoteStack>();
    }
    return util::unexpected(answer.error());
  }
  if (answer->stacks.empty()) {
    return std::optional<RemoteStack>();
  }
  RemoteStack stack = to_remote(answer->stacks.front());
  const bool by_name = !name_or_id.starts_with("arn:");
  if (by_name && stack.phase() == StackPhase::gone) {
    return std::optional<RemoteStack>();
  }
  return std::optional<RemoteStack>(std::move(stack));
}

}  // namespace deploy
