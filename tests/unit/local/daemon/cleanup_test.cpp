#include "local/daemon/cleanup.hpp"

#include <doctest/doctest.h>

#include "support/fake_docker.hpp"

namespace {

std::string container_of(test::FakeDocker& docker,
                         const std::string& name,
                         const std::string& engine) {
  docker::ContainerSpec spec;
  spec.name = name;
  spec.image = "busybox:1";
  spec.network = "bridge";
  spec.labels["com.docker.ecs.engine"] = engine;
  const auto id = docker.create_container(spec);
  REQUIRE(id.has_value());
  REQUIRE(docker.start_container(*id).has_value());
  return *id;
}

}  // namespace

TEST_CASE("what carries the engine's label goes, everything else stays") {
  test::FakeDocker docker;
  docker.networks["bridge"] = {"b0", "bridge", "", "", {}};
  docker.networks["mine"] = {"n1", "mine", "10.0.0.0/24", "", {{"com.docker.ecs.engine", "e1"}}};
  docker.networks["theirs"] = {
      "n2", "theirs", "10.0.1.0/24", "", {{"com.docker.ecs.engine", "e2"}}};
  docker.volumes["mine"] = {"mine", {{"com.docker.ecs.engine", "e1"}}};
  docker.volumes["theirs"] = {"theirs", {{"com.docker.ecs.engine", "e2"}}};
  container_of(docker, "web", "e1");
  container_of(docker, "other", "e2");
  const auto cleanup = local::daemon::remove_everything(docker, "e1");
  CHECK(cleanup.containers == 1);
  CHECK(cleanup.networks == 1);
  CHECK(cleanup.volumes == 1);
  CHECK(docker.volumes.contains("theirs"));
  CHECK(cleanup.problems.empty());
  CHECK(docker.find("web") == nullptr);
  CHECK(docker.find("other") != nullptr);
  CHECK(docker.networks.contains("theirs"));
  CHECK(docker.networks.contains("bridge"));
}

TEST_CASE("what will not go is told in Docker's words") {
  test::FakeDocker docker;
  docker.networks["bridge"] = {"b0", "bridge", "", "", {}};
  container_of(docker, "web", "e1");
  docker.fail_next("remove", {docker::ErrorKind::server, 500, "device is busy"});
  const auto cleanup = local::daemon::remove_containers(docker, "e1");
  CHECK(cleanup.containers == 0);
  REQUIRE(cleanup.problems.size() == 1);
  CHECK(cleanup.problems[0] == "web: device is busy");
}
