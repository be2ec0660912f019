#include "local/actions/ec2_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>

#include <arpa/inet.h>

#include "util/strings.hpp"

namespace local::ec2 {

namespace {

struct Traffic {
  std::string protocol;
  std::int64_t from = -1;
  std::int64_t to = -1;
};

ApiError invalid_value(std::string message) {
  return {"InvalidParameterValue", std::move(message), 400};
}

util::Result<std::string, ApiError> canonical_protocol(const std::string& text) {
  const std::string lower = util::to_lower(text);
  if (lower == "tcp" || lower == "6") {
    return "tcp";
  }
  if (lower == "udp" || lower == "17") {
    return "udp";
  }
  if (lower == "icmp" || lower == "1") {
    return "icmp";
  }
  if (lower == "icmpv6" || lower == "58") {
    return "icmpv6";
  }
  if (lower == "-1" || lower == "all") {
    return "-1";
  }
  const auto number = util::parse_int(lower);
  if (number && *number >= 0 && *number <= 255) {
    return lower;
  }
  return util::unexpected(
      invalid_value("Invalid value '" + text + "' for IP protocol. Unknown protocol."));
}

util::Result<Traffic, ApiError> traffic_of(const awsapi::ec2::IpPermission& permission) {
  if (!permission.ip_protocol) {
    return util::unexpected(
        ApiError{"MissingParameter", "The request must contain the parameter ipProtocol", 400});
  }
  const auto protocol = canonical_protocol(*permission.ip_protocol);
  if (!protocol) {
    return util::unexpected(protocol.error());
  }
  Traffic traffic{*protocol, -1, -1};
  if (*protocol == "tcp" || *protocol == "udp") {
    if (!permission.from_port || !permission.to_port) {
      return util::unexpected(invalid_value(
          "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."));
    }
    traffic.from = *permission.from_port;
    traffic.to = *permission.to_port;
    const std::string range = std::to_string(traffic.from) + "-" + std::to_string(traffic.to);
    for (const std::int64_t port : {traffic.from, traffic.to}) {
      if (port < 0 || port > 65535) {
        return util::unexpected(invalid_value(
            "Invalid value '" + range + "' for portRange. Ports must be between 0 and 65535."));
      }
    }
    if (traffic.from > traffic.to) {
      return util::unexpected(invalid_value("Invalid TCP/UDP port range (" + range + ")"));
    }
  } else if (protocol->starts_with("icmp")) {
    traffic.from = permission.from_port.value_or(-1);
    traffic.to = permission.to_port.value_or(-1);
  }
  return traffic;
}

Rule rule_with(const Traffic& traffic, const std::optional<std::string>& description) {
  Rule rule;
  rule.ip_protocol = traffic.protocol;
  rule.from_port = traffic.from;
  rule.to_port = traffic.to;
  rule.description = description;
  return rule;
}

std::string peer_of(const Rule& rule) {
  if (rule.cidr_ipv4) {
    return *rule.cidr_ipv4;
  }
  if (rule.cidr_ipv6) {
    return *rule.cidr_ipv6;
  }
  if (rule.prefix_list_id) {
    return *rule.prefix_list_id;
  }
  return rule.referenced_group_info ? rule.referenced_group_info->group_id.value_or("") : "";
}

auto traffic_key(const Rule& rule) {
  return std::make_tuple(rule.ip_protocol, rule.from_port, rule.to_port);
}

}  // namespace

std::optional<std::string> canonical_cidr(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto bits = slash == std::string::npos
                        ? std::nullopt
                        : util::parse_int(std::string_view(text).substr(slash + 1));
  in_addr address{};
  if (!bits || *bits < 0 || *bits > 32 ||
      ::inet_pton(AF_INET, text.substr(0, slash).c_str(), &address) != 1) {
    return std::nullopt;
  }
  const std::uint32_t mask =
      *bits == 0 ? 0 : ~std::uint32_t{0} << static_cast<unsigned>(32 - *bits);
  address.s_addr = htonl(ntohl(address.s_addr) & mask);
  char buffer[INET_ADDRSTRLEN];
  ::inet_ntop(AF_INET, &address, buffer, sizeof buffer);
  return buffer + text.substr(slash);
}

util::Result<std::vector<Rule>, ApiError> rules_of(const awsapi::ec2::IpPermission& permission) {
  const auto traffic = traffic_of(permission);
  if (!traffic) {
    return util::unexpected(traffic.error());
  }
  std::vector<Rule> rules;
  for (const auto& range : permission.ip_ranges) {
    const auto cidr = canonical_cidr(range.cidr_ip.value_or(""));
    if (!cidr) {
      return util::unexpected(
          invalid_value("CIDR block " + range.cidr_ip.value_or("") + " is malformed"));
    }
    rules.push_back(rule_with(*traffic, range.description));
    rules.back().cidr_ipv4 = *cidr;
  }
  for (const auto& range : permission.ipv6_ranges) {
    in6_addr address{};
    const std::string text = range.cidr_ipv6.value_or("");
    if (::inet_pton(AF_INET6, text.substr(0, text.find('/')).c_str(), &address) != 1 ||
        text.find('/') == std::string::npos) {
      return util::unexpected(invalid_value("CIDR block " + text + " is malformed"));
    }
    rules.push_back(rule_with(*traffic, range.description));
    rules.back().cidr_ipv6 = text;
  }
  for (const auto& list : permission.prefix_list_ids) {
    rules.push_back(rule_with(*traffic, list.description));
    rules.back().prefix_list_id = list.prefix_list_id;
  }
  for (const auto& pair : permission.user_id_group_pairs) {
    rules.push_back(rule_with(*traffic, pair.description));
    awsapi::ec2::ReferencedSecurityGroup group;
    group.group_id = pair.group_id;
    group.user_id = pair.user_id;
    group.vpc_id = pair.vpc_id;
    rules.back().referenced_group_info = std::move(group);
  }
  return rules;
}

bool same_traffic(const Rule& a, const Rule& b) {
  return traffic_key(a) == traffic_key(b) && a.is_egress == b.is_egress && peer_of(a) == peer_of(b);
}

std::string describe(const Rule& rule) {
  const std::string protocol = rule.ip_protocol.value_or("-1");
  std::string text = "peer: " + peer_of(rule) + ", ";
  if (protocol == "-1") {
    return text + "ALL, ALLOW";
  }
  return text + util::to_upper(protocol) +
         ", from port: " + std::to_string(rule.from_port.value_or(-1)) +
         ", to port: " + std::to_string(rule.to_port.value_or(-1)) + ", ALLOW";
}

std::vector<awsapi::ec2::IpPermission> permissions_of(const std::vector<Rule>& rules,
                                                      const std::string& account) {
  std::vector<awsapi::ec2::IpPermission> permissions;
  std::vector<decltype(traffic_key(Rule{}))> keys;
  for (const Rule& rule : rules) {
    const auto key = traffic_key(rule);
    auto at = std::find(keys.begin(), keys.end(), key);
    if (at == keys.end()) {
      keys.push_back(key);
      permissions.emplace_back();
      permissions.back().ip_protocol = rule.ip_protocol;
      if (rule.ip_protocol != "-1") {  // EC2 leaves the ports out when all traffic is meant
        permissions.back().from_port = rule.from_port;
        permissions.back().to_port = rule.to_port;
      }
      at = keys.end() - 1;
    }
    awsapi::ec2::IpPermission& permission =
        permissions[static_cast<std::size_t>(at - keys.begin())];
    if (rule.cidr_ipv4) {
      permission.ip_ranges.push_back({rule.description, rule.cidr_ipv4});
    } else if (rule.cidr_ipv6) {
      permission.ipv6_ranges.push_back({rule.description, rule.cidr_ipv6});
    } else if (rule.prefix_list_id) {
      permission.prefix_list_ids.push_back({rule.description, rule.prefix_list_id});
    } else if (rule.referenced_group_info) {
      awsapi::ec2::UserIdGroupPair pair;
      pair.description = rule.description;
      pair.user_id = rule.referenced_group_info->user_id.value_or(account);
      pair.group_id = rule.referenced_group_info->group_id;
      permission.user_id_group_pairs.push_back(std::move(pair));
    }
  }
  return permissions;
}

}  // namespace local::ec2
