#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "awsapi/ec2.hpp"
#include "docker/engine.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "local/scheduler/instance_registry.hpp"
#include "local/scheduler/task_runner.hpp"

namespace local {

// Amazon ECS on one Docker Engine: clusters, task definitions, services with rolling deployments,
// tasks as containers.
class Ecs {
 public:
  // `docker` and `registry` outlive it; so does `actions`, which may be filled in later.
  Ecs(Context& context,
      const ActionTable& actions,
      docker::Engine& docker,
      ecs::InstanceRegistry& registry,
      ecs::RunnerOptions options);
  ~Ecs();
  Ecs(const Ecs&) = delete;
  Ecs& operator=(const Ecs&) = delete;

  void add_actions(ActionTable& table);
  // Reads the records and connects to Docker, then and whenever it comes back.
  void restore();
  // Called when a service or one of its tasks has moved on: others may have waited for it.
  void set_listener(std::function<void()> moved);
  // Of the tasks that are not stopped, for EC2 to show.
  [[nodiscard]] std::vector<awsapi::ec2::NetworkInterface> network_interfaces() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace local
