#pragma once

#include <string>
#include <variant>

#include "deploy/network.hpp"

namespace deploy {

// An existing load balancer that a stack uses.
struct BalancerFacts {
  std::string arn;
  std::string group;  // the security group that its packets come from
  std::string dns_name;
  std::string zone_id;
  std::string vpc_id;
};

// By name or ARN. `type`: application or network, as the project's ports need it. Refused: one that
// is not there, is of the other type, or has no security group for the tasks to trust.
util::Result<BalancerFacts, PlacementProblem> find_balancer(Api& api,
                                                            const std::string& reference,
                                                            const std::string& type);

}  // namespace deploy
