#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "deploy/api.hpp"
#include "deploy/plan.hpp"

namespace deploy {

enum class SubnetWish : std::uint8_t { automatic, in_public, in_private, listed, tagged };

// What a project says about where it wants to live.
struct PlacementWish {
  std::string vpc_id{};  // empty: the default VPC
  SubnetWish subnets = SubnetWish::automatic;
  std::vector<std::string> subnet_ids{};  // when listed
  std::string tag{};                      // when tagged: "Tier=private"
  bool with_balancer = false;
  bool internal_balancer = false;
};

// Where tasks and load balancers of a stack live.
struct Placement {
  std::string vpc_id;
  std::vector<std::string> subnet_ids;           // of tasks: one a zone, sorted by zone
  std::vector<std::string> balancer_subnet_ids;  // likewise; empty without a load balancer
  bool public_ip = true;                         // whether tasks need a public address to get out
  std::string reason;                            // of the choice, for the user: one line
};

using PlacementProblem = std::variant<Refusal, ApiError>;

// Decides from the VPC's routes. Automatic: private subnets that a NAT gateway serves, if there are
// two or more zones of them, else public subnets with public addresses. Private subnets without a
// way out are refused unless VPC endpoints give tasks what they need to start. Internet-facing load
// balancers need public subnets in two zones, internal ones stand beside the tasks.
util::Result<Placement, PlacementProblem> find_placement(Api& api, const PlacementWish& wish);

}  // namespace deploy
