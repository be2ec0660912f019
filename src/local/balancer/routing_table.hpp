#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "local/balancer/data_plane.hpp"
#include "net/socket.hpp"

namespace local::balancer {

// What a proxy needs to know, made anew on every change and never changed
// afterwards. Tables share the counters of targets that stay.

using RouteTime = std::chrono::steady_clock::time_point;

struct TargetLoad {
  std::atomic<int> connections = 0;
  // It could not be reached: until then it gets a connection only when there is
  // no other. Having no connections, it would otherwise be the first choice of
  // every new one until its health checks fail.
  std::atomic<RouteTime> avoid_until = RouteTime{};
  std::atomic<bool> retired = false;  // deregistration is over: close what is left
};

struct RouteTarget {
  TargetAddress name;
  net::SocketAddress address;
  std::shared_ptr<TargetLoad> load;
};

struct RouteGroup {
  std::string id;
  bool sticky_by_source = false;
  std::vector<RouteTarget> targets;  // only those that may get new connections
};

struct WeightedRoute {
  std::shared_ptr<const RouteGroup> group;
  int weight = 1;
};

struct Route {
  std::vector<WeightedRoute> groups;
};

struct RoutingTable {
  std::map<std::string, Route, std::less<>> listeners;
};

// The group for the `turn`-th connection, by weight: over any `total weight`
// turns in a row each group gets exactly its share. Null when no group has a
// weight and a target.
const RouteGroup* choose_group(const Route& route, std::uint64_t turn);

// The target with the fewest connections; among equals, the next one in turn, or by hash of the
// client where the group is sticky. Targets that could not be reached lately come last. Those in
// `tried` (already refused this connection) are left out. Null when none is left.
const RouteTarget* choose_target(const RouteGroup& group,
                                 RouteTime now,
                                 std::uint64_t turn,
                                 std::size_t client_hash,
                                 const std::vector<const TargetLoad*>& tried);

}  // namespace local::balancer
