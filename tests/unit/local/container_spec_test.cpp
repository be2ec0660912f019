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
  const auto spec = container_spec(container, &overrides, inputs);
  CHECK(has(spec.environment, "A=definition"));
  CHECK(has(spec.environment, "B=override"));
  CHECK(has(spec.environment, "C=secret"));
  CHECK(has(spec.environment, "AWS_REGION=eu-west-1"));
  CHECK(spec.environment.size() == 6);
}

TEST_CASE("memory is the container's, else the task's, and never more than the host has") {
  api::ContainerDefinition container;
  ContainerInputs inputs;
  inputs.task_memory = "1024";
  inputs.task_cpu = "256";
  CHECK(container_spec(container, nullptr, inputs).memory_bytes == 1024LL << 20);
  CHECK(container_spec(container, nullptr, inputs).cpu_shares == 256);
  container.memory = 1;
  CHECK(container_spec(container, nullptr, inputs).memory_bytes == 6LL << 20);
  container.memory = 512;
  inputs.host_memory_bytes = 256LL << 20;
  CHECK(container_spec(container, nullptr, inputs).memory_bytes == 256LL << 20);
}

TEST_CASE("only a health check of the task definition counts") {
  api::ContainerDefinition container;
  CHECK(container_spec(container, nullptr, {}).health->test == std::vector<std::string>{"NONE"});
  CHECK(probe_command(container).empty());
  container.health_check = api::HealthCheck{{"CMD", "redis-cli", "ping"}, {}, {}, {}, {}};
  const auto health = *container_spec(container, nullptr, {}).health;
  CHECK(health.test == container.health_check->command);
  CHECK(health.interval == std::chrono::seconds{30});
  CHECK(health.retries == 3);
  CHECK(probe_command(container) == std::vector<std::string>{"redis-cli", "ping"});
  container.health_check->command = {"CMD-SHELL", "a || b"};
  CHECK(probe_command(container) == std::vector<std::string>{"/bin/sh", "-c", "a || b"});
}

TEST_CASE("an override of cpu and memory wins") {
  api::ContainerDefinition container;
  container.memory = 512;
  container.cpu = 256;
  api::ContainerOverride overrides;
  overrides.memory = 64;
  overrides.cpu = 128;
  const auto spec = container_spec(container, &overrides, {});
  CHECK(spec.memory_bytes == 64LL << 20);
  CHECK(spec.cpu_shares == 128);
}

TEST_CASE("a temporary file system keeps ECS's options") {
  api::ContainerDefinition container;
  container.linux_parameters.emplace();
  container.linux_parameters->tmpfs.push_back({"/run", 64, {"noexec", "mode=1770"}});
  CHECK(container_spec(container, nullptr, {}).tmpfs.at("/run") == "noexec,mode=1770,size=64m");
}

TEST_CASE("settings of the network belong to who holds the network") {
  api::TaskDefinition definition;
  auto& container = definition.container_definitions.emplace_back();
  container.system_controls = {{"net.core.somaxconn", "1024"}, {"kernel.shmmax", "100"}};
  ContainerInputs inputs;
  CHECK(container_spec(container, nullptr, inputs).sysctls.size() == 2);
  inputs.network = "container:pause";
  CHECK(container_spec(container, nullptr, inputs).sysctls.size() == 1);
  CHECK(network_sysctls(definition).at("net.core.somaxconn") == "1024");
  CHECK(network_sysctls(definition).size() == 1);
}
