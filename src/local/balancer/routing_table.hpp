#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "local/balancer/data_plane.hpp"
#include "local/balancer/tls.hpp"
#include "net/socket.hpp"

namespace local::balancer {

// What a proxy needs to know, made anew on every change and never changed
// afterwards. Tables share the counters of targets that stay.

using RouteTime = std::chrono::steady_clock::time_point;

struct TargetLoad {
  std::atomic<int> connections = 0;  // of an application load balancer: requests under way
  // It could not be reached: until then it gets a connection only when there is
  // no other. Having no connections, it would otherwise be the first choice of
  // every new one until its health checks fail.
  std::atomic<RouteTime> avoid_until = RouteTime{};
  std::atomic<bool> draining = false;
  std::atomic<bool> retired = false;  // deregistration is over: close what is left
};

struct RouteTarget {
  TargetAddress name;
  net::SocketAddress address;
  std::shared_ptr<TargetLoad> load;
  std::string fingerprint = {};  // in the cookies of sticky clients
};

struct RouteGroup {
  std::string id;
  std::string fingerprint = {};
  Stickiness sticky = {};
  bool tls = false;
  bool least_busy = true;
  std::vector<RouteTarget> targets = {};  // only those that may get new connections
  mutable std::atomic<std::uint64_t> turn = 0;
};

struct WeightedRoute {
  std::shared_ptr<const RouteGroup> group;
  int weight = 1;
};

struct Forward {
  std::vector<WeightedRoute> groups;
  std::chrono::seconds group_stickiness{0};
  mutable std::atomic<std::uint64_t> turn = 0;
};

struct RouteRule {
  std::vector<Condition> conditions;
  std::variant<std::unique_ptr<const Forward>, RedirectSpec, FixedResponseSpec> action;
  std::vector<Rewrite> rewrites = {};
};

struct Route {
  ListenerKind kind = ListenerKind::tcp;
  std::uint16_t port = 0;
  std::vector<RouteRule> rules;
  std::shared_ptr<const TlsContext> tls;  // listeners with TLS; null: their certificates are bad
  std::chrono::milliseconds idle_timeout{350'000};
  HttpSettings http;

  // Of a listener without conditions; null when it has none.
  [[nodiscard]] const Forward* forward() const;
};

struct RoutingTable {
  std::map<std::string, Route, std::less<>> listeners;
  std::shared_ptr<const TlsContext> to_targets;

  [[nodiscard]] const Route* find(std::string_view listener) const {
    const auto at = listeners.find(listener);
    return at == listeners.end() ? nullptr : &at->second;
  }
};

// The group for the `turn`-th connection, by weight: over any `total weight`
// turns in a row each group gets exactly its share. Null when no group has a
// weight and a target.
std::shared_ptr<const RouteGroup> choose_group(const Forward& forward, std::uint64_t turn);

// The target with the fewest connections; among equals (and in groups that go by turns) the next
// one in turn, or by hash of the client where the group is sticky. Targets that could not be
// reached lately come last. Those in `tried` (already refused this connection) are left out. Null
// when none is left.
const RouteTarget* choose_target(const RouteGroup& group,
                                 RouteTime now,
                                 std::uint64_t turn,
                                 std::size_t client_hash,
                                 const std::vector<const TargetLoad*>& tried);

}  // namespace local::balancer
