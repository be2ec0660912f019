#include "local/actions/elbv2_attributes.hpp"

#include <algorithm>
#include <initializer_list>

#include "local/actions/elbv2.hpp"
#include "util/strings.hpp"

namespace local::elbv2 {

namespace {

constexpr unsigned bit(AttributesOf owner) {
  return 1U << static_cast<unsigned>(owner);
}

constexpr unsigned kAlb = bit(AttributesOf::application_balancer);
constexpr unsigned kNlb = bit(AttributesOf::network_balancer);
constexpr unsigned kBalancers = kAlb | kNlb;
constexpr unsigned kHttpGroup = bit(AttributesOf::http_group);
constexpr unsigned kStreamGroup = bit(AttributesOf::stream_group);
constexpr unsigned kGroups = kHttpGroup | kStreamGroup;
constexpr unsigned kHttp = bit(AttributesOf::http_listener);
constexpr unsigned kHttps = bit(AttributesOf::https_listener);
constexpr unsigned kHttpBoth = kHttp | kHttps;
constexpr unsigned kStreams = bit(AttributesOf::tcp_listener) | bit(AttributesOf::tls_listener) |
                              bit(AttributesOf::udp_listener);

struct AttributeRow {
  unsigned owners;
  std::string_view key;
  std::string_view value;    // by default
  std::string_view allowed;  // "true|false"; "1..4000"; empty: any text
  std::string_view not_here =
      {};  // values that AWS takes and the engine refuses: "true"; "*": all others
};

constexpr std::string_view kSwitch = "true|false";

constexpr AttributeRow kRows[] = {
    {kBalancers, "access_logs.s3.enabled", "false", kSwitch, "true"},
    {kBalancers, "access_logs.s3.bucket", "", ""},
    {kBalancers, "access_logs.s3.prefix", "", ""},
    {kBalancers, "deletion_protection.enabled", "false", kSwitch},
    {kBalancers, "ipv6.deny_all_igw_traffic", "false", kSwitch},
    {kAlb, "load_balancing.cross_zone.enabled", "true", "true"},
    {kNlb, "load_balancing.cross_zone.enabled", "false", kSwitch},
    {kBalancers, "zonal_shift.config.enabled", "false", kSwitch},
    {kNlb,
     "dns_record.client_routing_policy",
     "any_availability_zone",
     "any_availability_zone|partial_availability_zone_affinity|availability_zone_affinity"},
    {kNlb, "secondary_ips.auto_assigned.per_subnet", "0", "0..7", "*"},
    {kAlb, "client_keep_alive.seconds", "3600", "60..604800"},
    {kAlb, "connection_logs.s3.enabled", "false", kSwitch, "true"},
    {kAlb, "connection_logs.s3.bucket", "", ""},
    {kAlb, "connection_logs.s3.prefix", "", ""},
    {kAlb, "health_check_logs.s3.enabled", "false", kSwitch, "true"},
    {kAlb, "health_check_logs.s3.bucket", "", ""},
    {kAlb, "health_check_logs.s3.prefix", "", ""},
    {kAlb, "idle_timeout.timeout_seconds", "60", "1..4000"},
    {kAlb,
     "routing.http.desync_mitigation_mode",
     "defensive",
     "monitor|defensive|strictest",
     "monitor"},
    {kAlb, "routing.http.drop_invalid_header_fields.enabled", "false", kSwitch},
    {kAlb, "routing.http.preserve_host_header.enabled", "false", kSwitch},
    {kAlb, "routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", kSwitch},
    {kAlb, "routing.http.xff_client_port.enabled", "false", kSwitch},
    {kAlb, "routing.http.xff_header_processing.mode", "append", "append|preserve|remove"},
    {kAlb, "routing.http2.enabled", "true", kSwitch},
    {kAlb, "waf.fail_open.enabled", "false", kSwitch},

    {kGroups, "deregistration_delay.timeout_seconds", "300", "0..3600"},
    {kGroups,
     "load_balancing.cross_zone.enabled",
     "use_load_balancer_configuration",
     "true|false|use_load_balancer_configuration"},
    {kGroups, "stickiness.enabled", "false", kSwitch},
    {kHttpGroup, "stickiness.type", "lb_cookie", "lb_cookie|app_cookie"},
    {kStreamGroup, "stickiness.type", "source_ip", "source_ip"},
    {kHttpGroup, "stickiness.app_cookie.cookie_name", "", ""},
    {kHttpGroup, "stickiness.app_cookie.duration_seconds", "86400", "1..604800"},
    {kHttpGroup, "stickiness.lb_cookie.duration_seconds", "86400", "1..604800"},
    {kHttpGroup, "load_balancing.algorithm.anomaly_mitigation", "off", "on|off", "on"},
    {kHttpGroup,
     "load_balancing.algorithm.type",
     "round_robin",
     "round_robin|least_outstanding_requests|weighted_random",
     "weighted_random"},
    {kHttpGroup, "slow_start.duration_seconds", "0", "0..900", "*"},
    {kStreamGroup, "deregistration_delay.connection_termination.enabled", "false", kSwitch},
    {kStreamGroup, "preserve_client_ip.enabled", "false", kSwitch, "true"},
    {kStreamGroup, "proxy_protocol_v2.enabled", "false", kSwitch, "true"},
    {kStreamGroup, "target_health_state.unhealthy.connection_termination.enabled", "true", kSwitch},
    {kStreamGroup,
     "target_health_state.unhealthy.draining_interval_seconds",
     "0",
     "0..360000",
     "*"},
    {kGroups, "target_group_health.dns_failover.minimum_healthy_targets.count", "1", "", "*"},
    {kGroups,
     "target_group_health.dns_failover.minimum_healthy_targets.percentage",
     "off",
     "",
     "*"},
    {kGroups,
     "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
     "1",
     "",
     "*"},
    {kGroups,
     "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
     "off",
     "",
     "*"},

    {kStreams & ~bit(AttributesOf::udp_listener), "tcp.idle_timeout.seconds", "350", "60..6000"},
    {kHttpBoth, "routing.http.response.server.enabled", "true", kSwitch},
    {kHttpBoth, "routing.http.response.strict_transport_security.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.access_control_allow_origin.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.access_control_allow_methods.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.access_control_allow_headers.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.access_control_allow_credentials.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.access_control_expose_headers.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.access_control_max_age.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.content_security_policy.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.x_content_type_options.header_value", "", "", "*"},
    {kHttpBoth, "routing.http.response.x_frame_options.header_value", "", "", "*"},
};

std::string_view owner_name(AttributesOf owner) {
  if ((bit(owner) & kBalancers) != 0) {
    return "Load balancer";
  }
  return (bit(owner) & kGroups) != 0 ? "Target group" : "Listener";
}

const AttributeRow* find_row(AttributesOf owner, std::string_view key) {
  const auto* row = std::ranges::find_if(kRows, [&](const AttributeRow& one) {
    return (one.owners & bit(owner)) != 0 && one.key == key;
  });
  return row == std::end(kRows) ? nullptr : row;
}

bool is_allowed(std::string_view allowed, const std::string& value) {
  if (allowed.empty()) {
    return true;
  }
  if (const std::size_t dots = allowed.find(".."); dots != std::string_view::npos) {
    const auto number = util::parse_int(value);
    return number && *number >= *util::parse_int(allowed.substr(0, dots)) &&
           *number <= *util::parse_int(allowed.substr(dots + 2));
  }
  const std::vector<std::string> values = util::split(allowed, '|');
  return std::ranges::find(values, value) != values.end();
}

}  // namespace

AttributesOf attributes_of_balancer(std::string_view type) {
  return type == "application" ? AttributesOf::application_balancer
                               : AttributesOf::network_balancer;
}

AttributesOf attributes_of_group(std::string_view protocol) {
  return protocol == "HTTP" || protocol == "HTTPS" ? AttributesOf::http_group
                                                   : AttributesOf::stream_group;
}

AttributesOf attributes_of_listener(std::string_view protocol) {
  if (protocol == "HTTP") {
    return AttributesOf::http_listener;
  }
  if (protocol == "HTTPS") {
    return AttributesOf::https_listener;
  }
  if (protocol == "TLS") {
    return AttributesOf::tls_listener;
  }
  return protocol == "TCP" ? AttributesOf::tcp_listener : AttributesOf::udp_listener;
}

Attributes default_attributes(AttributesOf owner) {
  Attributes all;
  for (const AttributeRow& row : kRows) {
    if ((row.owners & bit(owner)) != 0) {
      all.emplace(row.key, row.value);
    }
  }
  return all;
}

std::optional<ApiError> check_attribute(AttributesOf owner,
                                        const std::string& key,
                                        const std::string& value) {
  const std::string what = std::string(owner_name(owner)) + " attribute ";
  const AttributeRow* row = find_row(owner, key);
  if (row == nullptr) {
    return validation_error(what + "key '" + key + "' is not recognized");
  }
  if (!is_allowed(row->allowed, value)) {
    return row->allowed.find("..") == std::string_view::npos
               ? validation_error(what + "'" + key + "' value '" + value + "' must be one of '" +
                                  util::replace_all(row->allowed, "|", ", ") + "'")
               : validation_error(what + "'" + key + "' value '" + value + "' must be between " +
                                  util::replace_all(row->allowed, "..", " and "));
  }
  const bool refused =
      row->not_here == "*" ? value != row->value : !row->not_here.empty() && value == row->not_here;
  if (refused) {
    return ApiError{"InvalidConfigurationRequest",
                    "The local engine does not do '" + key + "' = '" + value + "'.",
                    400};
  }
  return std::nullopt;
}

std::optional<ApiError> check_together(AttributesOf owner, const Attributes& attributes) {
  if (owner != AttributesOf::http_group || attributes.at("stickiness.enabled") != "true" ||
      attributes.at("stickiness.type") != "app_cookie") {
    return std::nullopt;
  }
  const std::string& cookie = attributes.at("stickiness.app_cookie.cookie_name");
  if (cookie.empty()) {
    return ApiError{"InvalidConfigurationRequest",
                    "You must specify an application cookie name for app_cookie stickiness",
                    400};
  }
  for (const std::string_view reserved : {"AWSALB", "AWSALBAPP", "AWSALBTG"}) {
    if (cookie.starts_with(reserved)) {
      return ApiError{"InvalidConfigurationRequest",
                      "The application cookie name '" + cookie + "' cannot begin with '" +
                          std::string(reserved) + "'",
                      400};
    }
  }
  return std::nullopt;
}

}  // namespace local::elbv2
