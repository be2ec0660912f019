#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "convert/builder.hpp"

namespace convert {

// How the tasks of a group are started.
enum class TaskKind : std::uint8_t {
  service,  // an ECS service keeps them running
  job,      // it runs to its end before the services that wait for it are brought up (`x-aws-hook:
            // pre-deploy`, `service_completed_successfully`)
  scheduled,  // by the clock (`x-aws-schedule`)
  one_off,    // by hand (`x-aws-hook: manual`): there is only a task definition
};

// The services that run as one task: those that share a network namespace (`network_mode:
// service:x`), and those with the same label `ecs.task.family`, as ECS Compose-X reads it. The
// first one, the leader, gives the task its name and its number.
struct TaskGroup {
  TaskKind kind = TaskKind::service;
  std::vector<const compose::Service*> services;

  [[nodiscard]] const compose::Service& leader() const { return *services.front(); }
};

class TaskGroups {
 public:
  // Reports namespaces that cannot be shared.
  explicit TaskGroups(Builder& builder);

  // By the leader's name.
  [[nodiscard]] const std::vector<TaskGroup>& all() const { return groups_; }

  [[nodiscard]] const TaskGroup& of(const compose::Service& service) const;
  [[nodiscard]] bool same_task(const compose::Service& a, const compose::Service& b) const;

  // The groups that must have been brought up before this one: what its services depend on, and the
  // jobs that run before a deployment.
  [[nodiscard]] std::vector<const TaskGroup*> before(const TaskGroup& group) const;

  // The networks of the group's services, sorted, each once.
  [[nodiscard]] std::vector<std::string> networks(const TaskGroup& group) const;

 private:
  void find_kinds(Builder& builder);
  void check_cycles(Builder& builder) const;
  [[nodiscard]] std::set<std::size_t> dependencies(std::size_t group) const;
  [[nodiscard]] std::set<std::size_t> all_dependencies(std::size_t group) const;

  std::vector<TaskGroup> groups_;
  // Jobs by `x-aws-hook: pre-deploy`, and all that they depend on.
  std::map<std::size_t, std::set<std::size_t>> hooks_;
  std::map<std::string, std::size_t, std::less<>> group_of_;
};

}  // namespace convert
