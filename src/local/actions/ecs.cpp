#include "local/actions/ecs.hpp"

#include <algorithm>
#include <utility>

#include "local/actions/ecs-impl.hpp"
#include "local/scheduler/network_interfaces.hpp"

namespace local {

struct Ecs::Parts {
  Parts(Context& context,
        const ActionTable& actions,
        docker::Engine& docker,
        ecs::InstanceRegistry& registry,
        ecs::RunnerOptions options)
      : table(actions),
        state(context),
        runner(state, actions, docker, registry, std::move(options)),
        scheduler(state, actions, runner) {
    runner.set_observer(&scheduler);
  }

  const ActionTable& table;
  ecs::EcsState state;
  ecs::TaskRunner runner;
  ecs::ServiceScheduler scheduler;
};

Ecs::Ecs(Context& context,
         const ActionTable& actions,
         docker::Engine& docker,
         ecs::InstanceRegistry& registry,
         ecs::RunnerOptions options)
    : parts_(std::make_unique<Parts>(context, actions, docker, registry, std::move(options))) {}

Ecs::~Ecs() = default;

void Ecs::add_actions(ActionTable& table) {
  const ecs::Modules modules{parts_->state, parts_->table, parts_->runner, parts_->scheduler};
  ecs::add_cluster_actions(modules, table);
  ecs::add_task_definition_actions(modules, table);
  ecs::add_service_actions(modules, table);
  ecs::add_task_actions(modules, table);
  ecs::add_setting_actions(modules, table);
  ecs::add_tag_actions(modules, table);
}

void Ecs::restore() {
  parts_->state.restore();
  parts_->runner.start();
  parts_->scheduler.kick_all();
}

void Ecs::set_listener(std::function<void()> moved) {
  parts_->scheduler.set_listener(std::move(moved));
}

std::vector<awsapi::ec2::NetworkInterface> Ecs::network_interfaces() const {
  return ecs::network_interfaces(parts_->state);
}

namespace ecs {

api::Failure missing(std::string arn) {
  api::Failure out;
  out.arn = std::move(arn);
  out.reason = "MISSING";
  return out;
}

bool includes(const std::vector<std::string>& include, std::string_view what) {
  return std::find(include.begin(), include.end(), what) != include.end();
}

}  // namespace ecs
}  // namespace local
