#include "docker/engine_json.hpp"

#include <doctest/doctest.h>

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"

TEST_CASE("an image reference is a name and a tag or digest") {
  CHECK(docker::split_reference("redis").tag == "latest");
  CHECK(docker::split_reference("redis:7-alpine").tag == "7-alpine");
  CHECK(docker::split_reference("localhost:5056/me/app").name == "localhost:5056/me/app");
  CHECK(docker::split_reference("localhost:5056/me/app:1").name == "localhost:5056/me/app");
  CHECK(docker::split_reference("r/app@sha256:ab").tag == "sha256:ab");
}

TEST_CASE("a container is described to the engine without what was not asked for") {
  docker::ContainerSpec spec;
  spec.name = "web-1";
  spec.image = "busybox:1";
  spec.command = {"sleep", "9"};
  spec.network = "net-1";
  spec.network_aliases = {"web", "web.app.local"};
  spec.init = true;
  CHECK(
      doc::to_json(docker::create_body(spec)) ==
      R"({"Image":"busybox:1","Cmd":["sleep","9"],"StopTimeout":10,"OpenStdin":false,"Tty":false,"Labels":{},)"
      R"("HostConfig":{"NetworkMode":"net-1","RestartPolicy":{"Name":"no"},"Init":true,"ReadonlyRootfs":false,)"
      R"("Privileged":false},"NetworkingConfig":{"EndpointsConfig":{"net-1":{"Aliases":["web","web.app.local"]}}}})");
}

TEST_CASE("a member of a shared network namespace gets no endpoint of its own") {
  docker::ContainerSpec spec;
  spec.network = "container:abc";
  CHECK(docker::create_body(spec).find("NetworkingConfig") == nullptr);
}

TEST_CASE("state, health and addresses come from an inspection") {
  const auto node = doc::read_json(R"({"Id":"abc","Name":"/web-1","Image":"sha256:1",
    "State":{"Status":"exited","ExitCode":137,"OOMKilled":true,"Health":{"Status":"unhealthy"}},
    "Config":{"Labels":{"a":"b"},"Tty":false},
    "NetworkSettings":{"Networks":{"n":{"IPAddress":"10.213.0.2","MacAddress":"02:42"},"gone":{"IPAddress":""}}}})");
  const docker::Container container = docker::container_from_inspect(*node);
  CHECK(container.name == "web-1");
  CHECK(container.status == docker::ContainerStatus::exited);
  CHECK(container.exit_code == 137);
  CHECK(container.oom_killed);
  CHECK(container.health == docker::Health::unhealthy);
  CHECK(container.addresses.size() == 1);
  CHECK(container.addresses.at("n") == "10.213.0.2");
}

TEST_CASE("a listing tells the exit code and health only in its status text") {
  const auto exited = doc::read_json(
      R"({"Id":"a","Names":["/x"],"State":"exited","Status":"Exited (143) 2 seconds ago","Labels":null})");
  CHECK(docker::container_from_list(*exited).exit_code == 143);
  const auto healthy = doc::read_json(
      R"x({"Id":"a","Names":["/x"],"State":"running","Status":"Up 3 minutes (healthy)"
})x");
  CHECK(docker::container_from_list(*healthy).health == docker::Health::healthy);
}
