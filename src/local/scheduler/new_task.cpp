#include "local/scheduler/new_task.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/ec2.hpp"
#include "local/actions/ecs_validation.hpp"

namespace local::ecs {
namespace {

api::KeyValuePair detail(std::string name, std::string value) {
  api::KeyValuePair out;
  out.name = std::move(name);
  out.value = std::move(value);
  return out;
}

std::string zone_of(const std::string& subnet, const Context& context, const ActionTable& actions) {
  awsapi::ec2::DescribeSubnetsRequest request;
  request.subnet_ids = {subnet};
  const auto found = actions.call(request);
  if (found && !found->subnets.empty() && found->subnets.front().availability_zone) {
    return *found->subnets.front().availability_zone;
  }
  return context.region + "a";
}

api::Attachment network_interface(EcsState& state, const std::string& subnet) {
  Context& context = state.context();
  api::Attachment out;
  out.id = context.ids.uuid();
  out.type = "ElasticNetworkInterface";
  out.status = "PRECREATED";
  if (!subnet.empty()) {
    out.details.push_back(detail("subnetId", subnet));
  }
  out.details.push_back(detail("networkInterfaceId", "eni-" + context.ids.hex(17)));
  return out;
}

api::Container container_of(EcsState& state,
                            const NewTask& task,
                            const TaskRecord& record,
                            const api::ContainerDefinition& definition) {
  api::Container out;
  out.container_arn = state.context().arn(
      "ecs", "container/" + task.cluster + "/" + record.id + "/" + state.context().ids.uuid());
  out.task_arn = record.wire.task_arn;
  out.name = definition.name;
  out.image = definition.image;
  out.last_status = "PENDING";
  out.health_status = "UNKNOWN";
  out.cpu = std::to_string(definition.cpu.value_or(0));
  if (definition.memory) {
    out.memory = std::to_string(*definition.memory);
  }
  if (definition.memory_reservation) {
    out.memory_reservation = std::to_string(*definition.memory_reservation);
  }
  return out;
}

std::string architecture(const api::TaskDefinition& definition) {
  const bool arm =
      definition.runtime_platform && definition.runtime_platform->cpu_architecture == "ARM64";
  return arm ? "arm64" : "x86_64";
}

void set_platform(api::Task& wire, const NewTask& task) {
  wire.launch_type = task.revision.launch_type.value_or("FARGATE");
  wire.platform_version = "1.4.0";
  wire.platform_family = "Linux";
  if (!task.revision.capacity_provider_strategy.empty()) {
    wire.capacity_provider_name =
        task.revision.capacity_provider_strategy.front().capacity_provider;
  }
  api::Attribute attribute;
  attribute.name = "ecs.cpu-architecture";
  attribute.value = architecture(*task.definition);
  wire.attributes = {attribute};
  constexpr std::int64_t kDefaultStorageGiB = 20;
  const std::int64_t storage = task.definition->ephemeral_storage
                                   ? task.definition->ephemeral_storage->size_in_gi_b
                                   : kDefaultStorageGiB;
  wire.ephemeral_storage = api::EphemeralStorage{storage};
  wire.fargate_ephemeral_storage = api::TaskEphemeralStorage{};
  wire.fargate_ephemeral_storage->size_in_gi_b = storage;
}

}  // namespace

TaskRecord& make_task(EcsState& state, const ActionTable& actions, NewTask task) {
  Context& context = state.context();
  TaskRecord record;
  record.id = context.ids.hex(32);
  record.cluster = task.cluster;
  record.service = task.service;
  record.deployment = task.deployment;
  record.client_token = task.client_token;

  api::Task& wire = record.wire;
  wire.task_arn = state.task_arn(task.cluster, record.id);
  wire.cluster_arn = state.cluster_arn(task.cluster);
  wire.task_definition_arn = task.definition->task_definition_arn;
  wire.created_at = stamp(context.now());
  wire.desired_status = "RUNNING";
  wire.last_status = "PROVISIONING";
  wire.health_status = "UNKNOWN";
  wire.version = 1;
  wire.group = task.group;
  wire.cpu = task.definition->cpu;
  wire.memory = task.definition->memory;
  wire.enable_execute_command = task.execute_command;
  wire.tags = task.tags;
  if (!task.started_by.empty()) {
    wire.started_by = task.started_by;
  }
  wire.overrides = task.overrides.value_or(api::TaskOverride{});
  wire.cpu = wire.overrides->cpu ? normal_cpu(wire.overrides->cpu) : wire.cpu;
  wire.memory = wire.overrides->memory ? normal_memory(wire.overrides->memory) : wire.memory;
  for (const api::ContainerDefinition& container : task.definition->container_definitions) {
    const auto& given = wire.overrides->container_overrides;
    if (std::none_of(
            given.begin(), given.end(), [&](const auto& o) { return o.name == container.name; })) {
      api::ContainerOverride none;
      none.name = container.name;
      wire.overrides->container_overrides.push_back(std::move(none));
    }
  }
  set_platform(wire, task);
  std::string subnet;
  if (task.revision.network_configuration &&
      task.revision.network_configuration->awsvpc_configuration) {
    const auto& subnets = task.revision.network_configuration->awsvpc_configuration->subnets;
    subnet = subnets.empty() ? "" : subnets[task.ordinal % subnets.size()];
  }
  wire.availability_zone = zone_of(subnet, context, actions);
  wire.attachments = {network_interface(state, subnet)};
  for (const api::ContainerDefinition& container : task.definition->container_definitions) {
    wire.containers.push_back(container_of(state, task, record, container));
    ContainerRecord runtime;
    runtime.name = container.name.value_or("");
    record.containers.push_back(std::move(runtime));
  }
  if (task.definition->container_definitions.size() > 1) {
    ContainerRecord pause;
    pause.name = std::string(kPauseContainer);
    record.containers.push_back(std::move(pause));
  }
  record.revision = std::move(task.revision);
  TaskRecord& stored = state.tasks[record.id] = std::move(record);
  state.save(stored);
  return stored;
}

}  // namespace local::ecs
