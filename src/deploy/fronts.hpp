#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "deploy/api.hpp"

namespace deploy {

// What leads to a target group: a listener of a load balancer, and of an application load balancer
// the rule.
struct Front {
  std::string host;  // the load balancer's name, or the one that the rule is for
  std::int64_t port = 0;
  std::string protocol;  // as the listener's, in lower case: "tcp", "https"
  std::string path;      // "/api/", when a rule is for a part of the paths; empty otherwise

  // "https://shop.example.com/api/"; empty when the listener speaks neither HTTP nor HTTPS.
  [[nodiscard]] std::string url() const;

  friend bool operator==(const Front&, const Front&) = default;
};

using Fronts = std::multimap<std::string, Front>;  // by target group ARN

ApiResult<Fronts> read_fronts(Api& api, const std::vector<std::string>& load_balancers);

}  // namespace deploy
