#include "local/balancer/routing_table.hpp"

#include <doctest/doctest.h>

namespace {

using local::balancer::RouteGroup;
using local::balancer::RouteTarget;

std::shared_ptr<RouteGroup> group_of(int targets) {
  auto group = std::make_shared<RouteGroup>();
  for (int i = 0; i < targets; ++i) {
    const auto port = static_cast<std::uint16_t>(8000 + i);
    group->targets.push_back({{"127.0.0.1", port},
                              *net::SocketAddress::ip("127.0.0.1", port),
                              std::make_shared<local::balancer::TargetLoad>()});
  }
  return group;
}

const local::balancer::RouteTime kNow{std::chrono::seconds(100)};

int port(const RouteTarget* target) {
  return target == nullptr ? 0 : target->name.port;
}

}  // namespace

TEST_CASE("the least loaded target is chosen, equals in turn, refused ones never") {
  const auto group = group_of(3);
  CHECK(port(choose_target(*group, kNow, 0, 0, {})) == 8000);
  CHECK(port(choose_target(*group, kNow, 1, 0, {})) == 8001);
  group->targets[1].load->connections = 5;
  CHECK(port(choose_target(*group, kNow, 1, 0, {})) == 8002);
  CHECK(port(choose_target(*group, kNow, 0, 0, {group->targets[0].load.get()})) == 8002);
  CHECK(port(choose_target(
            *group, kNow, 0, 0, {group->targets[0].load.get(), group->targets[2].load.get()})) ==
        8001);
  CHECK(port(choose_target(*group_of(0), kNow, 0, 0, {})) == 0);
}

TEST_CASE("a sticky group sends a client to the same target whatever its load") {
  const auto group = group_of(3);
  group->sticky.kind = local::balancer::Stickiness::Kind::source_ip;
  group->targets[1].load->connections = 5;
  CHECK(port(choose_target(*group, kNow, 0, 4, {})) == 8001);
  CHECK(port(choose_target(*group, kNow, 7, 4, {})) == 8001);
}

TEST_CASE("a target that could not be reached is the last choice for a while") {
  const auto group = group_of(2);
  group->targets[0].load->avoid_until = kNow + std::chrono::seconds(1);
  group->targets[1].load->connections = 9;
  CHECK(port(choose_target(*group, kNow, 0, 0, {})) == 8001);
  CHECK(port(choose_target(*group, kNow, 0, 0, {group->targets[1].load.get()})) == 8000);
  CHECK(port(choose_target(*group, kNow + std::chrono::seconds(1), 0, 0, {})) == 8000);
}

TEST_CASE(
    "groups get their share by weight; an empty group's share goes to "
    "the others") {
  const auto a = group_of(1);
  const auto b = group_of(1);
  const auto forward = [](std::vector<local::balancer::WeightedRoute> groups) {
    auto made = std::make_unique<local::balancer::Forward>();
    made->groups = std::move(groups);
    return made;
  };
  const auto three = forward({{a, 1}, {b, 3}, {group_of(0), 10}});
  int to_a = 0;
  for (std::uint64_t turn = 0; turn < 8; ++turn) {
    to_a += choose_group(*three, turn) == a ? 1 : 0;
  }
  CHECK(to_a == 2);
  CHECK(choose_group(*forward({{a, 0}}), 0) == nullptr);
  CHECK(choose_group(*forward({}), 0) == nullptr);
}

TEST_CASE("a group that goes by turns does not look at loads") {
  const auto group = group_of(2);
  group->least_busy = false;
  group->targets[0].load->connections = 9;
  CHECK(port(choose_target(*group, kNow, 0, 0, {})) == 8000);
  CHECK(port(choose_target(*group, kNow, 1, 0, {})) == 8001);
}
