#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/api.hpp"

namespace deploy {

// How packets leave a subnet.
enum class WayOut : std::uint8_t {
  internet_gateway,  // with a public address
  other,             // a NAT gateway, a transit gateway, an appliance
  none,
  unknown,  // the route tables cannot be read
};

struct SubnetFacts {
  std::string id;
  std::string zone;
  std::string vpc_id;
  WayOut way_out = WayOut::unknown;
  std::vector<std::string> tags;  // "Tier=private"

  [[nodiscard]] bool is_public() const {
    return way_out == WayOut::internet_gateway || way_out == WayOut::unknown;
  }
};

// The subnets of a VPC, sorted by zone and id.
ApiResult<std::vector<SubnetFacts>> read_subnets(Api& api, const std::string& vpc_id);

}  // namespace deploy
