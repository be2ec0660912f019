#pragma once

#include <vector>

#include "convert/builder.hpp"
#include "convert/secrets.hpp"
#include "convert/task_files.hpp"
#include "convert/task_groups.hpp"

namespace convert {

// A container of a task, with what was planned for it.
struct TaskMember {
  const compose::Service* service = nullptr;
  TaskFiles files;
  std::vector<SecretVariable> variables;
};

// The services that run as one task. The first one gives it its name, its networks and its number.
struct Task {
  TaskKind kind = TaskKind::service;
  std::vector<TaskMember> members;

  [[nodiscard]] const compose::Service& leader() const { return *members.front().service; }
};

}  // namespace convert
