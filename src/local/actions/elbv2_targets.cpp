#include <algorithm>
#include <utility>

#include "local/actions/elbv2.hpp"
#include "net/socket.hpp"
#include "util/strings.hpp"

namespace local::elbv2 {

namespace {

wire::TargetHealth target_health(std::string state, std::string reason, std::string description) {
  wire::TargetHealth health;
  health.state = std::move(state);
  if (!reason.empty()) {
    health.reason = std::move(reason);
    health.description = std::move(description);
  }
  return health;
}

}  // namespace

util::Result<wire::RegisterTargetsResponse, ApiError> Elbv2::enlist(
    const wire::RegisterTargetsRequest& request) {
  const auto found = target_group(request.target_group_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  TargetGroup& group = **found;
  for (const wire::TargetDescription& target : request.targets) {
    if (!net::SocketAddress::ip(target.id, 0) || target.id == "localhost") {
      return util::unexpected(
          validation_error("The IP address '" + target.id + "' is not a valid IPv4 address"));
    }
  }
  for (const wire::TargetDescription& description : request.targets) {
    Target target;
    target.description = description;
    target.description.port = description.port.value_or(group.shape.port.value_or(0));
    if (Target* known = group.find(target.description)) {
      if (known->draining_until) {
        *known = std::move(target);
      }
    } else {
      group.targets.push_back(std::move(target));
    }
  }
  save(group);
  apply();
  return wire::RegisterTargetsResponse{};
}

util::Result<wire::DeregisterTargetsResponse, ApiError> Elbv2::dismiss(
    const wire::DeregisterTargetsRequest& request) {
  const auto found = target_group(request.target_group_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  TargetGroup& group = **found;
  const auto seconds = util::parse_int(group.attributes["deregistration_delay.timeout_seconds"]);
  const bool in_use = !users_of(group.arn()).empty();
  for (const wire::TargetDescription& description : request.targets) {
    // Without a port every registration of this address goes.
    for (Target& target : group.targets) {
      const bool meant = target.description.id == description.id &&
                         (!description.port || target.description.port == description.port);
      if (meant && !target.draining_until) {
        target.draining_until = context_.now() + scaled(in_use ? seconds.value_or(300) : 0);
        set_drain_timer(group.arn(), target);
      }
    }
  }
  save(group);
  apply();
  return wire::DeregisterTargetsResponse{};
}

wire::TargetHealth Elbv2::health_of(const TargetGroup& group, const Target& target) const {
  if (target.draining_until) {
    return target_health(
        "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress");
  }
  if (users_of(group.arn()).empty()) {
    return target_health(
        "unused",
        "Target.NotInUse",
        "Target group is not configured to receive traffic from the load balancer");
  }
  switch (target.health) {
    case balancer::Health::initial: return target_health("initial", target.reason, target.detail);
    case balancer::Health::healthy: return target_health("healthy", "", "");
    case balancer::Health::unhealthy:
      return target_health("unhealthy", target.reason, target.detail);
  }
  return {};
}

util::Result<wire::DescribeTargetHealthResponse, ApiError> Elbv2::describe(
    const wire::DescribeTargetHealthRequest& request) {
  const auto found = target_group(request.target_group_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  TargetGroup& group = **found;
  wire::DescribeTargetHealthResponse response;
  const auto add_one = [&](const wire::TargetDescription& target, wire::TargetHealth health) {
    wire::TargetHealthDescription description;
    description.target = target;
    const std::string port = group.shape.health_check_port.value_or("traffic-port");
    description.health_check_port =
        port == "traffic-port" ? std::to_string(target.port.value_or(0)) : port;
    description.target_health = std::move(health);
    response.target_health_descriptions.push_back(std::move(description));
  };
  if (request.targets.empty()) {
    for (const Target& target : group.targets) {
      add_one(target.description, health_of(group, target));
    }
    return response;
  }
  for (wire::TargetDescription asked : request.targets) {
    asked.port = asked.port.value_or(group.shape.port.value_or(0));
    const Target* target = group.find(asked);
    add_one(asked,
            target != nullptr ? health_of(group, *target)
                              : target_health("unused",
                                              "Target.NotRegistered",
                                              "Target is not registered to the target group"));
  }
  return response;
}

void Elbv2::add_target_actions(ActionTable& table) {
  add<wire::RegisterTargetsRequest>(table, &Elbv2::enlist);
  add<wire::DeregisterTargetsRequest>(table, &Elbv2::dismiss);
  add<wire::DescribeTargetHealthRequest>(table, &Elbv2::describe);
}

}  // namespace local::elbv2
