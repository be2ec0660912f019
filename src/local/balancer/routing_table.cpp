#include "local/balancer/routing_table.hpp"

#include <algorithm>

namespace local::balancer {

const RouteGroup* choose_group(const Route& route, std::uint64_t turn) {
  std::uint64_t total = 0;
  for (const WeightedRoute& one : route.groups) {
    total += one.group->targets.empty() ? 0U : static_cast<std::uint64_t>(std::max(one.weight, 0));
  }
  if (total == 0) {
    return nullptr;
  }
  std::uint64_t at = turn % total;
  for (const WeightedRoute& one : route.groups) {
    if (one.group->targets.empty() || one.weight <= 0) {
      continue;
    }
    const auto weight = static_cast<std::uint64_t>(one.weight);
    if (at < weight) {
      return one.group.get();
    }
    at -= weight;
  }
  return nullptr;
}

const RouteTarget* choose_target(const RouteGroup& group,
                                 std::uint64_t turn,
                                 std::size_t client_hash,
                                 const std::vector<const TargetLoad*>& tried) {
  const std::size_t count = group.targets.size();
  const RouteTarget* best = nullptr;
  int fewest = 0;
  const std::size_t first =
      count == 0 ? 0
                 : (group.sticky_by_source ? client_hash : static_cast<std::size_t>(turn)) % count;
  for (std::size_t i = 0; i < count; ++i) {
    const RouteTarget& target = group.targets[(first + i) % count];
    if (std::ranges::find(tried, target.load.get()) != tried.end()) {
      continue;
    }
    if (group.sticky_by_source) {
      return &target;
    }
    const int load = target.load->connections.load(std::memory_order_relaxed);
    if (best == nullptr || load < fewest) {
      best = &target;
      fewest = load;
    }
  }
  return best;
}

}  // namespace local::balancer
