#include "local/scheduler/network_interfaces.hpp"

#include <doctest/doctest.h>

#include "support/fake_context.hpp"

TEST_CASE("a task that is not stopped has an interface with its groups") {
  test::FakeContext fake;
  local::ecs::EcsState state(fake.context);
  local::ecs::TaskRecord task;
  task.id = "t1";
  task.wire.last_status = "RUNNING";
  auto& attachment = task.wire.attachments.emplace_back();
  attachment.type = "ElasticNetworkInterface";
  attachment.status = "ATTACHED";
  attachment.details.push_back({"networkInterfaceId", "eni-1"});
  attachment.details.push_back({"privateIPv4Address", "10.213.0.2"});
  task.revision.network_configuration.emplace().awsvpc_configuration.emplace().security_groups = {
      "sg-1"};
  state.tasks["t1"] = task;
  task.wire.last_status = "STOPPED";
  state.tasks["t2"] = task;
  const auto interfaces = local::ecs::network_interfaces(state);
  REQUIRE(interfaces.size() == 1);
  CHECK(interfaces[0].network_interface_id == "eni-1");
  CHECK(interfaces[0].private_ip_addresses.at(0).private_ip_address == "10.213.0.2");
  CHECK(interfaces[0].groups.at(0).group_id == "sg-1");
}
