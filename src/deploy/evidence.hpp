#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/api.hpp"

namespace deploy {

// Why the tasks of an ECS service do not stay up, as far as ECS and the logs can say.
struct TaskEvidence {
  std::string task;  // the id
  std::string
      stopped_reason;  // "Essential container in task exited", "CannotPullContainerError: …"
  std::vector<std::string> containers;  // "web: exit code 7", "web: OutOfMemoryError: …"
  std::vector<std::string> log_lines;   // the last ones, oldest first, "web | text"
};

// The id of the service's task that stopped last, after `since_millis` and of itself (not because
// of a deployment's scaling); empty when there is none or it cannot be read.
std::string last_stopped_task_id(Api& api,
                                 const std::string& service_arn,
                                 std::int64_t since_millis);

// Looks at that task. Best effort: what cannot be read is left out. ECS shows
// stopped tasks for about an hour, also those of a service that was deleted.
TaskEvidence gather_evidence(Api& api, const std::string& service_arn, std::int64_t since_millis);

// "task 1234 stopped: Essential container in task exited (web: exit code 7)"; empty when nothing is
// known.
std::string summary(const TaskEvidence& evidence);

// The lines to show; empty when nothing is known.
std::vector<std::string> describe(const TaskEvidence& evidence);

}  // namespace deploy
