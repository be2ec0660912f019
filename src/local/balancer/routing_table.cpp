#include "local/balancer/routing_table.hpp"

#include <algorithm>

namespace local::balancer {

const Forward* Route::forward() const {
  const auto* action =
      rules.empty() ? nullptr : std::get_if<std::unique_ptr<const Forward>>(&rules.back().action);
  return action == nullptr ? nullptr : action->get();
}

std::shared_ptr<const RouteGroup> choose_group(const Forward& forward, std::uint64_t turn) {
  std::uint64_t total = 0;
  for (const WeightedRoute& one : forward.groups) {
    total += one.group->targets.empty() ? 0U : static_cast<std::uint64_t>(std::max(one.weight, 0));
  }
  if (total == 0) {
    return nullptr;
  }
  std::uint64_t at = turn % total;
  for (const WeightedRoute& one : forward.groups) {
    if (one.group->targets.empty() || one.weight <= 0) {
      continue;
    }
    const auto weight = static_cast<std::uint64_t>(one.weight);
    if (at < weight) {
      return one.group;
    }
    at -= weight;
  }
  return nullptr;
}

namespace {

// Among the targets that are avoided now, or among the others.
const RouteTarget* choose_among(const RouteGroup& group,
                                bool avoided,
                                RouteTime now,
                                std::size_t first,
                                const std::vector<const TargetLoad*>& tried) {
  const RouteTarget* best = nullptr;
  int fewest = 0;
  for (std::size_t i = 0; i < group.targets.size(); ++i) {
    const RouteTarget& target = group.targets[(first + i) % group.targets.size()];
    if ((target.load->avoid_until.load() > now) != avoided ||
        std::ranges::find(tried, target.load.get()) != tried.end()) {
      continue;
    }
    if (group.sticky.kind == Stickiness::Kind::source_ip || !group.least_busy) {
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

}  // namespace

const RouteTarget* choose_target(const RouteGroup& group,
                                 RouteTime now,
                                 std::uint64_t turn,
                                 std::size_t client_hash,
                                 const std::vector<const TargetLoad*>& tried) {
  if (group.targets.empty()) {
    return nullptr;
  }
  const std::size_t start = group.sticky.kind == Stickiness::Kind::source_ip
                                ? client_hash
                                : static_cast<std::size_t>(turn);
  const std::size_t first = start % group.targets.size();
  const RouteTarget* target = choose_among(group, false, now, first, tried);
  return target != nullptr ? target : choose_among(group, true, now, first, tried);
}

}  // namespace local::balancer
