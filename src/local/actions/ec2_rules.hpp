#pragma once

#include <optional>
#include <string>
#include <vector>

#include "awsapi/ec2.hpp"
#include "local/api_error.hpp"
#include "util/result.hpp"

namespace local::ec2 {

// One peer of one permission, in canonical form: protocol by name, CIDR without host bits. No id
// yet.
using Rule = awsapi::ec2::SecurityGroupRule;

// A permission may name many peers; AWS makes one rule of each. Group names are resolved by the
// caller beforehand. Errors are EC2's.
util::Result<std::vector<Rule>, ApiError> rules_of(const awsapi::ec2::IpPermission& permission);

// Same protocol, ports and peer; descriptions and ids do not matter.
bool same_traffic(const Rule& a, const Rule& b);

// `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW`, as EC2 writes it.
std::string describe(const Rule& rule);

// The other way: rules grouped by protocol and ports, in order of first appearance.
std::vector<awsapi::ec2::IpPermission> permissions_of(const std::vector<Rule>& rules,
                                                      const std::string& account);

// "10.1.2.3/8" -> "10.0.0.0/8"; nothing when it is no IPv4 block.
std::optional<std::string> canonical_cidr(const std::string& text);

}  // namespace local::ec2
