#pragma once

#include <string>

#include "local/action_table.hpp"
#include "local/scheduler/ecs_state.hpp"

namespace local::ecs {

struct NewTask {
  std::string cluster;
  const api::TaskDefinition* definition = nullptr;
  std::string service;     // empty for RunTask
  std::string deployment;  // of the service
  api::Service
      revision;  // network configuration, load balancers, registries, platform version, launch type
  std::optional<api::TaskOverride> overrides;
  std::string group;  // "service:web", "family:job"
  std::string started_by;
  std::vector<api::Tag> tags;
  std::string client_token;  // of the RunTask that made it
  bool execute_command = false;
  std::size_t ordinal = 0;  // spreads tasks over subnets
};

// A task in PROVISIONING, in the state's table and saved. The runner takes it from there.
TaskRecord& make_task(EcsState& state, const ActionTable& actions, NewTask task);

}  // namespace local::ecs
