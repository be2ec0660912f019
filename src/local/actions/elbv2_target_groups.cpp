#include <algorithm>
#include <array>
#include <utility>

#include "local/actions/elbv2.hpp"
#include "local/actions/elbv2_attributes.hpp"
#include "util/strings.hpp"

namespace local::elbv2 {

namespace {

std::optional<ApiError> check_target_group_name(const std::string& name) {
  const std::string quoted = "The target group name '" + name + "' ";
  if (name.size() > 32) {
    return validation_error("Target group name '" + name +
                            "' cannot be longer than '32' characters");
  }
  if (name.empty() ||
      !std::ranges::all_of(name, [](char c) { return util::is_alnum(c) || c == '-'; })) {
    return validation_error(
        quoted + "can only contain characters that are alphanumeric characters and hyphens(-)");
  }
  if (name.front() == '-' || name.back() == '-') {
    return validation_error(quoted + "cannot begin or end with a hyphen(-)");
  }
  return std::nullopt;
}

ApiError not_here(std::string what) {
  return {"InvalidConfigurationRequest", "The local engine has no " + std::move(what) + ".", 400};
}

bool is_http(std::string_view protocol) {
  return protocol == "HTTP" || protocol == "HTTPS";
}

std::optional<ApiError> check_target_group_kind(const wire::CreateTargetGroupRequest& request) {
  const std::string type = request.target_type.value_or("instance");
  if (type != "ip") {
    return not_here("target groups of type '" + type + "', only 'ip'");
  }
  if (!request.protocol) {
    return validation_error("A protocol must be specified");
  }
  if (!request.port) {
    return validation_error("A port must be specified");
  }
  if (!request.vpc_id) {
    return validation_error("A VPC ID must be specified");
  }
  static constexpr std::array<std::string_view, 6> kProtocols{
      "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"};
  if (std::ranges::find(kProtocols, *request.protocol) == kProtocols.end()) {
    return ApiError{
        "UnsupportedProtocol",
        "The local engine has no target groups of protocol '" + *request.protocol + "'.",
        400};
  }
  if (!request.protocol_version) {
    return std::nullopt;
  }
  if (!is_http(*request.protocol)) {
    return validation_error("Protocol version '" + *request.protocol_version +
                            "' is not supported for target groups with protocol '" +
                            *request.protocol + "'");
  }
  if (*request.protocol_version != "HTTP1") {
    return not_here("target groups of protocol version '" + *request.protocol_version +
                    "', only HTTP1");
  }
  return std::nullopt;
}

bool is_matcher(std::string_view codes) {
  const std::vector<std::string> parts = util::split(codes, ',');
  return std::ranges::all_of(parts, [](const std::string& part) {
    const std::vector<std::string> ends = util::split(util::trim(part), '-');
    return ends.size() <= 2 && std::ranges::all_of(ends, [](const std::string& end) {
             return end.size() == 3 && std::ranges::all_of(end, util::is_digit);
           });
  });
}

// The rules between the health check's members, once the defaults are in.
std::optional<ApiError> check_health_check(const wire::TargetGroup& shape) {
  const std::string& protocol = *shape.health_check_protocol;
  const std::string& traffic = *shape.protocol;
  const bool known = is_http(protocol) || (protocol == "TCP" && !is_http(traffic));
  if (!known) {
    return validation_error("Health check protocol '" + protocol + "' must be one of '" +
                            (is_http(traffic) ? "HTTPS, HTTP" : "HTTPS, HTTP, TCP") +
                            "' for target groups with protocol '" + traffic + "'");
  }
  if (!shape.health_check_enabled.value_or(true)) {
    return validation_error(
        "Health check enabled must be true for target groups with target type '" +
        shape.target_type.value_or("") + "'");
  }
  if (shape.matcher && shape.matcher->grpc_code) {
    return validation_error(
        "A gRPC code cannot be specified for target groups with protocol "
        "version 'HTTP1'");
  }
  if (protocol == "TCP" && (shape.health_check_path || shape.matcher)) {
    return ApiError{
        "InvalidConfigurationRequest",
        "You cannot specify a health check path or matcher for target groups with health "
        "check protocol TCP",
        400};
  }
  const std::string& port = *shape.health_check_port;
  if (port != "traffic-port") {
    const auto number = util::parse_int(port);
    if (!number || *number < 1 || *number > 65535) {
      return validation_error("Health check port '" + port +
                              "' must be in the range 1-65535 inclusive");
    }
  }
  if (*shape.health_check_timeout_seconds > *shape.health_check_interval_seconds) {
    return validation_error("Health check timeout '" +
                            std::to_string(*shape.health_check_timeout_seconds) +
                            "' must be smaller than or equal to the interval '" +
                            std::to_string(*shape.health_check_interval_seconds) + "'");
  }
  if (!shape.health_check_enabled.value_or(true)) {
    return validation_error(
        "Health check enabled must be true for target groups with target type '" +
        shape.target_type.value_or("instance") + "'");
  }
  if (shape.health_check_path && !shape.health_check_path->starts_with('/')) {
    return validation_error("Health check path '" + *shape.health_check_path +
                            "' must start with '/'");
  }
  if (shape.matcher && shape.matcher->http_code && !is_matcher(*shape.matcher->http_code)) {
    return validation_error("Health check matcher HTTP code '" + *shape.matcher->http_code +
                            "' must be within '200-499' inclusive");
  }
  return std::nullopt;
}

// AWS's defaults for what a request leaves out (documentation of CreateTargetGroup).
wire::TargetGroup shape_of(const wire::CreateTargetGroupRequest& request) {
  wire::TargetGroup shape;
  const bool application = is_http(*request.protocol);
  shape.target_group_name = request.name;
  shape.protocol = request.protocol;
  shape.port = request.port;
  shape.vpc_id = request.vpc_id;
  shape.target_type = request.target_type;
  shape.ip_address_type = request.ip_address_type.value_or("ipv4");
  if (application) {
    shape.protocol_version = request.protocol_version.value_or("HTTP1");
  }
  shape.health_check_protocol =
      request.health_check_protocol.value_or(application ? "HTTP" : "TCP");
  shape.health_check_port = request.health_check_port.value_or("traffic-port");
  shape.health_check_enabled = request.health_check_enabled.value_or(true);
  shape.health_check_interval_seconds = request.health_check_interval_seconds.value_or(30);
  const bool http_check = is_http(*shape.health_check_protocol);
  const int timeout = application ? 5 : (http_check ? 6 : 10);
  shape.health_check_timeout_seconds = request.health_check_timeout_seconds.value_or(
      std::min<std::int64_t>(timeout, *shape.health_check_interval_seconds));
  shape.healthy_threshold_count = request.healthy_threshold_count.value_or(5);
  shape.unhealthy_threshold_count = request.unhealthy_threshold_count.value_or(2);
  shape.health_check_path = request.health_check_path;
  shape.matcher = request.matcher;
  if (http_check) {
    shape.health_check_path = request.health_check_path.value_or("/");
    if (!shape.matcher) {
      shape.matcher.emplace().http_code = application ? "200" : "200-399";
    }
  }
  return shape;
}

}  // namespace

wire::TargetGroup Elbv2::shown(const TargetGroup& group) const {
  wire::TargetGroup shape = group.shape;
  shape.load_balancer_arns = users_of(group.arn());
  return shape;
}

util::Result<wire::CreateTargetGroupResponse, ApiError> Elbv2::create(
    const wire::CreateTargetGroupRequest& request) {
  if (auto problem = check_target_group_name(request.name)) {
    return util::unexpected(*problem);
  }
  if (auto problem = check_target_group_kind(request)) {
    return util::unexpected(*problem);
  }
  TargetGroup group;
  group.shape = shape_of(request);
  if (auto problem = check_health_check(group.shape)) {
    return util::unexpected(*problem);
  }
  wire::CreateTargetGroupResponse response;
  for (const auto& [arn, other] : target_groups_) {
    if (other.shape.target_group_name != request.name) {
      continue;
    }
    wire::TargetGroup same = other.shape;
    same.target_group_arn.reset();
    if (!doc::same(same.to_node(awsapi::EmptyLists::omit),
                   group.shape.to_node(awsapi::EmptyLists::omit))) {
      return util::unexpected(ApiError{"DuplicateTargetGroupName",
                                       "A target group with the same name '" + request.name +
                                           "' exists, but with different settings",
                                       400});
    }
    response.target_groups.push_back(shown(other));
    return response;
  }
  group.shape.target_group_arn = context_.arn(
      "elasticloadbalancing", "targetgroup/" + request.name + "/" + context_.ids.hex(16));
  group.tags = request.tags;
  group.attributes = default_attributes(attributes_of_group(*request.protocol));
  save(group);
  response.target_groups.push_back(group.shape);
  const std::string arn = group.arn();
  target_groups_[arn] = std::move(group);
  return response;
}

util::Result<wire::DeleteTargetGroupResponse, ApiError> Elbv2::remove(
    const wire::DeleteTargetGroupRequest& request) {
  const auto found = target_group(request.target_group_arn);
  if (!found) {
    return found.error().code == "TargetGroupNotFound"
               ? util::Result<wire::DeleteTargetGroupResponse, ApiError>{}
               : util::unexpected(found.error());
  }
  if (!users_of(request.target_group_arn).empty()) {
    return util::unexpected(ApiError{"ResourceInUse",
                                     "Target group '" + request.target_group_arn +
                                         "' is currently in use by a listener or a rule",
                                     400});
  }
  erase_record(request.target_group_arn);
  target_groups_.erase(request.target_group_arn);
  return wire::DeleteTargetGroupResponse{};
}

util::Result<wire::ModifyTargetGroupResponse, ApiError> Elbv2::modify(
    const wire::ModifyTargetGroupRequest& request) {
  const auto found = target_group(request.target_group_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  wire::TargetGroup shape = (*found)->shape;
  const auto take = [](auto& to, const auto& from) {
    if (from) {
      to = from;
    }
  };
  take(shape.health_check_protocol, request.health_check_protocol);
  take(shape.health_check_port, request.health_check_port);
  take(shape.health_check_path, request.health_check_path);
  take(shape.health_check_enabled, request.health_check_enabled);
  take(shape.health_check_interval_seconds, request.health_check_interval_seconds);
  take(shape.health_check_timeout_seconds, request.health_check_timeout_seconds);
  take(shape.healthy_threshold_count, request.healthy_threshold_count);
  take(shape.unhealthy_threshold_count, request.unhealthy_threshold_count);
  take(shape.matcher, request.matcher);
  if (auto problem = check_health_check(shape)) {
    return util::unexpected(*problem);
  }
  (*found)->shape = std::move(shape);
  save(**found);
  apply();
  wire::ModifyTargetGroupResponse response;
  response.target_groups.push_back(shown(**found));
  return response;
}

util::Result<wire::DescribeTargetGroupsResponse, ApiError> Elbv2::describe(
    const wire::DescribeTargetGroupsRequest& request) {
  std::vector<wire::TargetGroup> all;
  for (const std::string& arn : request.target_group_arns) {
    const auto found = target_group(arn);
    if (!found) {
      return util::unexpected(found.error());
    }
    all.push_back(shown(**found));
  }
  for (const std::string& name : request.names) {
    const auto at = std::ranges::find_if(target_groups_, [&](const auto& entry) {
      return entry.second.shape.target_group_name == name;
    });
    if (at == target_groups_.end()) {
      return util::unexpected(
          ApiError{"TargetGroupNotFound", "One or more target groups not found", 400});
    }
    all.push_back(shown(at->second));
  }
  if (request.load_balancer_arn) {
    if (const auto owner = load_balancer(*request.load_balancer_arn); !owner) {
      return util::unexpected(owner.error());
    }
  }
  if (request.target_group_arns.empty() && request.names.empty()) {
    for (const auto& [arn, group] : target_groups_) {
      wire::TargetGroup shape = shown(group);
      if (!request.load_balancer_arn ||
          std::ranges::find(shape.load_balancer_arns, *request.load_balancer_arn) !=
              shape.load_balancer_arns.end()) {
        all.push_back(std::move(shape));
      }
    }
  }
  wire::DescribeTargetGroupsResponse response;
  response.target_groups =
      page(std::move(all), request.marker, request.page_size, response.next_marker);
  return response;
}

util::Result<wire::DescribeTargetGroupAttributesResponse, ApiError> Elbv2::describe(
    const wire::DescribeTargetGroupAttributesRequest& request) {
  const auto found = target_group(request.target_group_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  wire::DescribeTargetGroupAttributesResponse response;
  response.attributes = shown_attributes<wire::TargetGroupAttribute>((*found)->attributes);
  return response;
}

util::Result<wire::ModifyTargetGroupAttributesResponse, ApiError> Elbv2::modify(
    const wire::ModifyTargetGroupAttributesRequest& request) {
  const auto found = target_group(request.target_group_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  TargetGroup& group = **found;
  if (auto problem = set_attributes(attributes_of_group(group.shape.protocol.value_or("")),
                                    group.attributes,
                                    request.attributes)) {
    return util::unexpected(*problem);
  }
  save(group);
  apply();
  wire::ModifyTargetGroupAttributesResponse response;
  response.attributes = shown_attributes<wire::TargetGroupAttribute>(group.attributes);
  return response;
}

void Elbv2::add_target_group_actions(ActionTable& table) {
  add<wire::CreateTargetGroupRequest>(table, &Elbv2::create);
  add<wire::DeleteTargetGroupRequest>(table, &Elbv2::remove);
  add<wire::ModifyTargetGroupRequest>(table, &Elbv2::modify);
  add<wire::DescribeTargetGroupsRequest>(table, &Elbv2::describe);
  add<wire::DescribeTargetGroupAttributesRequest>(table, &Elbv2::describe);
  add<wire::ModifyTargetGroupAttributesRequest>(table, &Elbv2::modify);
}

}  // namespace local::elbv2
