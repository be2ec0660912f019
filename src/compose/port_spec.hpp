#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.hpp"

namespace compose {

struct PortSpec {
  std::string host_ip;
  std::string published;  // empty, "80" or "8000-8010"
  std::uint32_t target = 0;
  std::string protocol;
};

// The short form `[ip:][host]:container[/protocol]` with its ranges: one entry a container port,
// sorted as text. The error is a sentence.
util::Result<std::vector<PortSpec>, std::string> parse_ports(std::string_view spec);

bool is_ip_address(std::string_view text);

}  // namespace compose
