#include "local/actions/efs.hpp"

#include <doctest/doctest.h>

#include "awsapi/ec2.hpp"
#include "local/scheduler/task_volumes.hpp"
#include "support/fake_context.hpp"
#include "support/fake_docker.hpp"

namespace {

namespace efs_api = awsapi::efs;
namespace ecs_api = awsapi::ecs;

struct EfsWorld {
  test::FakeContext fake;
  test::FakeDocker docker;
  local::ActionTable actions;
  local::Efs efs{fake.context, actions, docker};

  EfsWorld() {
    efs.add_actions(actions);
    actions.add<awsapi::ec2::DescribeSubnetsRequest>(
        [](const auto& request)
            -> util::Result<awsapi::ec2::DescribeSubnetsResponse, local::ApiError> {
          awsapi::ec2::DescribeSubnetsResponse out;
          auto& subnet = out.subnets.emplace_back();
          subnet.subnet_id = request.subnet_ids.front();
          subnet.availability_zone = "us-east-1" + request.subnet_ids.front().substr(7, 1);
          subnet.cidr_block = "172.31.16.0/20";
          return out;
        });
  }

  std::string make_system() {
    efs_api::CreateFileSystemRequest request;
    request.tags = {{"Name", "app_data"}};
    return actions.call(request)->file_system_id;
  }

  std::string mount(const std::string& system, const std::string& subnet) {
    efs_api::CreateMountTargetRequest request;
    request.file_system_id = system;
    request.subnet_id = subnet;
    const auto made = actions.call(request);
    return made ? made->mount_target_id : made.error().code;
  }

  std::string make_point(const std::string& system, const std::string& path) {
    efs_api::CreateAccessPointRequest request;
    request.client_token = path;
    request.file_system_id = system;
    request.root_directory =
        efs_api::RootDirectory{path, efs_api::CreationInfo{1000, 1001, "0750"}};
    return *actions.call(request)->access_point_id;
  }

  auto volumes(const std::string& system, const std::string& point) {
    ecs_api::TaskDefinition definition;
    auto& volume = definition.volumes.emplace_back();
    volume.name = "data";
    volume.efs_volume_configuration.emplace().file_system_id = system;
    volume.efs_volume_configuration->authorization_config.emplace().access_point_id = point;
    definition.volumes.emplace_back().name = "scratch";
    ecs_api::ContainerDefinition container;
    container.mount_points = {{"data", "/data", true}, {"scratch", "/scratch", {}}};
    return local::ecs::volumes_of(
        definition, container, {{"com.docker.ecs.engine", "e1"}}, "docker-ecs-t1-", actions);
  }
};

}  // namespace

TEST_CASE("a root directory is a volume with the owner of its access point") {
  EfsWorld world;
  const std::string system = world.make_system();
  const std::string point = world.make_point(system, "/app/data");
  CHECK(world.volumes(system, point).error().find("mount target ip address cannot be found") !=
        std::string::npos);
  world.mount(system, "subnet-a0000000");
  const auto volumes = world.volumes(system, point);
  REQUIRE(volumes);
  REQUIRE(volumes->needs.size() == 2);
  const auto& data = volumes->needs.front();
  CHECK(data.volume.name == "docker-ecs-" + system + "-app-data");
  CHECK(data.volume.labels.at("com.docker.ecs.file-system") == system);
  CHECK(data.uid == 1000);
  CHECK(data.gid == 1001);
  CHECK(data.mode == 0750);
  CHECK(volumes->mounts.front().read_only);
  CHECK(volumes->mounts.front().no_copy);
  CHECK(volumes->needs.back().volume.name == "docker-ecs-t1-scratch");
  CHECK_FALSE(volumes->mounts.back().no_copy);
  CHECK(volumes->needs.back().of_task);
}

TEST_CASE("an access point of another file system is refused in the words of the mount") {
  EfsWorld world;
  const std::string system = world.make_system();
  const std::string other = world.make_system();
  world.mount(other, "subnet-a0000000");
  CHECK(world.volumes(other, world.make_point(system, "/x")).error().find("access denied") !=
        std::string::npos);
  CHECK(world.volumes("fs-00000000", "fsap-0")
            .error()
            .starts_with("ResourceInitializationError: failed to invoke EFS utils commands"));
}

TEST_CASE("a new volume gets its owner once") {
  EfsWorld world;
  const std::string system = world.make_system();
  world.mount(system, "subnet-a0000000");
  auto needs = world.volumes(system, world.make_point(system, "/data"))->needs;
  REQUIRE(local::ecs::make_volumes(world.docker, needs, "helper"));
  CHECK(world.docker.archives.contains("helper"));
  CHECK(world.docker.find("helper") == nullptr);
  world.docker.archives.clear();
  needs.front().is_known = true;
  REQUIRE(local::ecs::make_volumes(world.docker, needs, "helper"));
  CHECK(world.docker.archives.empty());
  world.docker.volumes.clear();  // by hand
  REQUIRE(local::ecs::make_volumes(world.docker, needs, "helper"));
  CHECK(world.docker.archives.contains("helper"));
}

TEST_CASE("one mount target a zone, and no file system goes before them") {
  EfsWorld world;
  const std::string system = world.make_system();
  const std::string target = world.mount(system, "subnet-a0000000");
  CHECK(world.mount(system, "subnet-a1111111") == "MountTargetConflict");
  CHECK(world.mount(system, "subnet-b0000000").starts_with("fsmt-"));
  CHECK(world.mount("fs-00000000", "subnet-a0000000") == "FileSystemNotFound");
  efs_api::DeleteFileSystemRequest remove;
  remove.file_system_id = system;
  CHECK(world.actions.call(remove).error().code == "FileSystemInUse");
}

TEST_CASE("a file system takes its volumes with it, and survives a restart otherwise") {
  EfsWorld world;
  const std::string system = world.make_system();
  const std::string point = world.make_point(system, "/data");
  local::Efs again(world.fake.context, world.actions, world.docker);
  again.restore();
  local::ActionTable table;
  again.add_actions(table);
  efs_api::DescribeAccessPointsRequest ask;
  ask.file_system_id = system;
  CHECK(table.call(ask)->access_points.front().access_point_id == point);
  CHECK(table.call(efs_api::DescribeFileSystemsRequest{})->file_systems.front().name == "app_data");

  world.docker.volumes["data"] = {"data", {{"com.docker.ecs.file-system", system}}};
  world.docker.volumes["other"] = {"other", {{"com.docker.ecs.file-system", "fs-1"}}};
  efs_api::DeleteFileSystemRequest remove;
  remove.file_system_id = system;
  REQUIRE(table.call(remove));
  CHECK_FALSE(world.docker.volumes.contains("data"));
  CHECK(world.docker.volumes.contains("other"));
}
