#pragma once

#include <string>
#include <variant>
#include <vector>

#include "deploy/api.hpp"
#include "deploy/plan.hpp"

namespace deploy {

// Where tasks and load balancers of a stack live.
struct Placement {
  std::string vpc_id;
  std::vector<std::string> subnet_ids;  // one a zone, sorted by zone
};

using PlacementProblem = std::variant<Refusal, ApiError>;

// `vpc_id`, or the account's default VPC when empty; of its subnets the public ones (a route to an
// internet gateway), one in each zone, at least two.
util::Result<Placement, PlacementProblem> find_placement(Api& api, const std::string& vpc_id);

}  // namespace deploy
