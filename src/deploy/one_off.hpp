#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deploy/api.hpp"
#include "deploy/stack.hpp"

namespace deploy {

// A task that runs once, from a task definition of a stack.
struct OneOff {
  std::string task_definition_id;               // logical id in the stack
  std::string service;                          // the Compose service
  std::vector<std::string> security_group_ids;  // logical ids: those of its networks
  std::string container;                        // whose command, variables and end count
  std::vector<std::string> command;             // empty: the task definition's
  std::vector<std::pair<std::string, std::string>> environment;
};

struct RunningTask {
  std::string cluster;
  std::string arn;

  // The part of the ARN that log streams are named after.
  [[nodiscard]] std::string id() const { return arn.substr(arn.rfind('/') + 1); }
};

struct TaskState {
  std::string status;  // PROVISIONING, PENDING, RUNNING, …, STOPPED
  std::optional<std::int64_t> exit_code;
  std::string reason;  // why it stopped
};

// Starts it where the stack's services run: in their cluster and subnets. The error's kind is
// `answered` and its code empty when the stack has no such task definition, or no service to tell
// where tasks run.
ApiResult<RunningTask> start_one_off(Api& api, const RemoteStack& stack, const OneOff& one_off);

ApiResult<TaskState> read_task(Api& api, const RunningTask& task, const std::string& container);

ApiResult<void> stop_task(Api& api, const RunningTask& task);

}  // namespace deploy
