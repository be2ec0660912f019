#include "local/scheduler/container_spec.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace local::ecs;

namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

TEST_CASE("a secret wins over an override, an override over the definition") {
  api::ContainerDefinition container;
  container.environment = {{"A", "definition"}, {"B", "definition"}, {"C", "definition"}};
  api::ContainerOverride overrides;
  overrides.environment = {{"B", "override"}, {"C", "override"}};
  ContainerInputs inputs;
  inputs.region = "eu-west-1";
  inputs.secrets = {{"C", "secret"}};
  const auto spec = container_spec({}, container, &overrides, inputs);
  CHECK(has(spec.environment, "A=definition"));
  CHECK(has(spec.environment, "B=override"));
  CHECK(has(spec.environment, "C=secret"));
  CHECK(has(spec.environment, "AWS_REGION=eu-west-1"));
  CHECK(spec.environment.size() == 6);
}

TEST_CASE("memory is the container's, else the task's, and never more than the host has") {
  api::TaskDefinition definition;
  definition.memory = "1024";
  definition.cpu = "256";
  api::ContainerDefinition container;
  ContainerInputs inputs;
  CHECK(container_spec(definition, container, nullptr, inputs).memory_bytes == 1024LL << 20);
  CHECK(container_spec(definition, container, nullptr, inputs).cpu_shares == 256);
  container.memory = 1;
  CHECK(container_spec(definition, container, nullptr, inputs).memory_bytes == 6LL << 20);
  container.memory = 512;
  inputs.host_memory_bytes = 256LL << 20;
  CHECK(container_spec(definition, container, nullptr, inputs).memory_bytes == 256LL << 20);
}

TEST_CASE("only a health check of the task definition counts") {
  api::ContainerDefinition container;
  CHECK(container_spec({}, container, nullptr, {}).health->test ==
        std::vector<std::string>{"NONE"});
  CHECK(probe_command(container).empty());
  container.health_check = api::HealthCheck{{"CMD", "redis-cli", "ping"}, {}, {}, {}, {}};
  const auto health = *container_spec({}, container, nullptr, {}).health;
  CHECK(health.test == container.health_check->command);
  CHECK(health.interval == std::chrono::seconds{30});
  CHECK(health.retries == 3);
  CHECK(probe_command(container) == std::vector<std::string>{"redis-cli", "ping"});
  container.health_check->command = {"CMD-SHELL", "a || b"};
  CHECK(probe_command(container) == std::vector<std::string>{"/bin/sh", "-c", "a || b"});
}

TEST_CASE("a volume on EFS keeps its name from task to task, a plain one does not") {
  api::TaskDefinition definition;
  api::Volume efs;
  efs.name = "data";
  efs.efs_volume_configuration = api::EFSVolumeConfiguration{};
  efs.efs_volume_configuration->file_system_id = "fs-1";
  api::Volume plain;
  plain.name = "tmp";
  definition.volumes = {efs, plain};
  api::ContainerDefinition container;
  container.mount_points = {api::MountPoint{"data", "/data", true},
                            api::MountPoint{"tmp", "/scratch", {}}};
  ContainerInputs inputs;
  inputs.volume_prefix = "task-1-";
  const auto mounts = container_spec(definition, container, nullptr, inputs).mounts;
  REQUIRE(mounts.size() == 2);
  CHECK(mounts[0].source == "docker-ecs-fs-1");
  CHECK(mounts[0].read_only);
  CHECK(mounts[1].source == "task-1-tmp");
  CHECK(scratch_volumes(definition, "task-1-") == std::vector<std::string>{"task-1-tmp"});
}
