#include "local/actions/elbv2.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "local/store.hpp"

namespace local::elbv2 {

namespace {

constexpr std::string_view kLoadBalancerKind = "elbv2.loadbalancer";
constexpr std::string_view kListenerKind = "elbv2.listener";
constexpr std::string_view kTargetGroupKind = "elbv2.targetgroup";

}  // namespace

ApiError validation_error(std::string message) {
  return {"ValidationError", std::move(message), 400};
}

Elbv2::Elbv2(Context& context, const ActionTable& actions, balancer::DataPlane& data_plane)
    : context_(context), actions_(actions), data_plane_(data_plane) {}

void Elbv2::add_actions(ActionTable& table) {
  add_load_balancer_actions(table);
  add_listener_actions(table);
  add_target_group_actions(table);
  add_target_actions(table);
  add_tag_actions(table);
}

// --- records
// --------------------------------------------------------------------------------------------------------

void Elbv2::save(const LoadBalancer& record) {
  context_.store.put(kLoadBalancerKind, record.arn(), record.to_node());
}

void Elbv2::save(const Listener& record) {
  context_.store.put(kListenerKind, record.arn(), record.to_node());
}

void Elbv2::save(const TargetGroup& record) {
  context_.store.put(kTargetGroupKind, record.arn(), record.to_node());
}

void Elbv2::erase_record(const std::string& arn) {
  if (load_balancers_.contains(arn)) {
    context_.store.remove(kLoadBalancerKind, arn);
  } else if (listeners_.contains(arn)) {
    context_.store.remove(kListenerKind, arn);
  } else {
    context_.store.remove(kTargetGroupKind, arn);
  }
}

void Elbv2::restore() {
  context_.store.each(kLoadBalancerKind, [this](const std::string& arn, const doc::Node& body) {
    load_balancers_[arn] = LoadBalancer::from_node(body);
  });
  context_.store.each(kTargetGroupKind, [this](const std::string& arn, const doc::Node& body) {
    TargetGroup& group = target_groups_[arn] = TargetGroup::from_node(body);
    for (const Target& target : group.targets) {
      set_drain_timer(arn, target);
    }
  });
  context_.store.each(kListenerKind, [this](const std::string& arn, const doc::Node& body) {
    listeners_[arn] = Listener::from_node(body);
  });
  for (auto& [arn, record] : load_balancers_) {
    record.shape.state.emplace().code = "active";
  }
  for (const auto& [arn, record] : listeners_) {
    open_again(arn);
  }
  apply();
}

util::Result<LoadBalancer*, ApiError> Elbv2::load_balancer(const std::string& arn) {
  if (arn.find(":loadbalancer/") == std::string::npos) {
    return util::unexpected(validation_error("'" + arn + "' is not a valid load balancer ARN"));
  }
  const auto at = load_balancers_.find(arn);
  if (at == load_balancers_.end()) {
    return util::unexpected(
        ApiError{"LoadBalancerNotFound", "One or more load balancers not found", 400});
  }
  return &at->second;
}

util::Result<Listener*, ApiError> Elbv2::listener(const std::string& arn) {
  if (arn.find(":listener/") == std::string::npos) {
    return util::unexpected(validation_error("'" + arn + "' is not a valid listener ARN"));
  }
  const auto at = listeners_.find(arn);
  if (at == listeners_.end()) {
    return util::unexpected(ApiError{"ListenerNotFound", "One or more listeners not found", 400});
  }
  return &at->second;
}

util::Result<TargetGroup*, ApiError> Elbv2::target_group(const std::string& arn) {
  if (arn.find(":targetgroup/") == std::string::npos) {
    return util::unexpected(validation_error("'" + arn + "' is not a valid target group ARN"));
  }
  const auto at = target_groups_.find(arn);
  if (at == target_groups_.end()) {
    return util::unexpected(
        ApiError{"TargetGroupNotFound", "One or more target groups not found", 400});
  }
  return &at->second;
}

// --- data plane
// -----------------------------------------------------------------------------------------------------

std::chrono::milliseconds Elbv2::scaled(std::int64_t seconds) const {
  return std::chrono::milliseconds(
      std::llround(static_cast<double>(seconds) * 1000.0 * context_.time_scale));
}

balancer::HealthCheck Elbv2::check_of(const TargetGroup& group) const {
  const wire::TargetGroup& shape = group.shape;
  balancer::HealthCheck check;
  const bool http = shape.health_check_protocol == "HTTP";
  check.protocol = http ? balancer::CheckProtocol::http : balancer::CheckProtocol::tcp;
  const std::string port = shape.health_check_port.value_or("traffic-port");
  check.port =
      port == "traffic-port" ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(port));
  check.path = shape.health_check_path.value_or("/");
  if (shape.matcher) {
    check.codes = shape.matcher->http_code.value_or("200");
  }
  const std::int64_t interval = shape.health_check_interval_seconds.value_or(30);
  check.healthy_threshold = static_cast<int>(shape.healthy_threshold_count.value_or(5));
  check.unhealthy_threshold = static_cast<int>(shape.unhealthy_threshold_count.value_or(2));
  check.interval = std::max(scaled(interval), std::chrono::milliseconds{50});
  check.timeout = std::chrono::seconds(shape.health_check_timeout_seconds.value_or(10));
  check.patience = std::chrono::seconds(interval * check.unhealthy_threshold);
  return check;
}

balancer::GroupSpec Elbv2::spec_of(const TargetGroup& group) const {
  balancer::GroupSpec spec;
  spec.id = group.arn();
  spec.check = check_of(group);
  const auto sticky = group.attributes.find("stickiness.enabled");
  spec.sticky_by_source = sticky != group.attributes.end() && sticky->second == "true";
  for (const Target& target : group.targets) {
    spec.targets.push_back({target.address(), target.draining_until.has_value()});
  }
  return spec;
}

void Elbv2::apply() {
  balancer::Desired desired;
  std::set<std::string> used;
  for (const auto& [arn, record] : listeners_) {
    balancer::ListenerSpec spec{arn, {}};
    for (const wire::Action& action : record.shape.default_actions) {
      spec.forward = forwards_of(action);
    }
    for (const balancer::WeightedGroup& forward : spec.forward) {
      used.insert(forward.group);
    }
    desired.listeners.push_back(std::move(spec));
  }
  for (auto& [arn, group] : target_groups_) {
    if (used.contains(arn)) {
      desired.groups.push_back(spec_of(group));
      continue;
    }
    for (Target& target : group.targets) {
      target.forget_health();
    }
  }
  data_plane_.apply(std::move(desired));
}

std::vector<std::string> Elbv2::users_of(const std::string& group) const {
  std::set<std::string> users;
  for (const auto& [arn, record] : listeners_) {
    std::vector<wire::Action> actions = record.shape.default_actions;
    for (const wire::Rule& rule : record.rules) {
      actions.insert(actions.end(), rule.actions.begin(), rule.actions.end());
    }
    for (const wire::Action& action : actions) {
      const auto forwards = forwards_of(action);
      if (std::ranges::find(forwards, group, &balancer::WeightedGroup::group) != forwards.end()) {
        users.insert(record.load_balancer());
      }
    }
  }
  return {users.begin(), users.end()};
}

void Elbv2::health_changed(const balancer::HealthChange& change) {
  const auto group = target_groups_.find(change.group);
  Target* target = group == target_groups_.end() ? nullptr : group->second.find(change.target);
  if (target == nullptr || target->draining_until) {
    return;
  }
  target->health = change.health;
  target->reason = change.reason;
  target->detail = change.description;
  if (observer_) {
    observer_(change.group);
  }
}

void Elbv2::drained(const std::string& group, const balancer::TargetAddress& address) {
  const auto at = target_groups_.find(group);
  const Target* target = at == target_groups_.end() ? nullptr : at->second.find(address);
  if (target != nullptr && target->draining_until) {
    drop(at->second, address);
  }
}

void Elbv2::drop(TargetGroup& group, const balancer::TargetAddress& address) {
  std::erase_if(group.targets, [&](const Target& target) { return target.address() == address; });
  save(group);
  apply();
  if (observer_) {
    observer_(group.arn());
  }
}

void Elbv2::set_drain_timer(const std::string& group, const Target& target) {
  if (!target.draining_until) {
    return;
  }
  context_.timers.at(*target.draining_until, [this, group, address = target.address()] {
    const auto at = target_groups_.find(group);
    const Target* late = at == target_groups_.end() ? nullptr : at->second.find(address);
    if (late != nullptr && late->draining_until && *late->draining_until <= context_.now()) {
      drop(at->second, address);
    }
  });
}

// --- tags
// -----------------------------------------------------------------------------------------------------------

Tags* Elbv2::tags_of(const std::string& arn) {
  if (const auto at = load_balancers_.find(arn); at != load_balancers_.end()) {
    return &at->second.tags;
  }
  if (const auto at = listeners_.find(arn); at != listeners_.end()) {
    return &at->second.tags;
  }
  const auto at = target_groups_.find(arn);
  return at == target_groups_.end() ? nullptr : &at->second.tags;
}

namespace {

ApiError nothing_with_arn(const std::string& arn) {
  if (arn.find(":loadbalancer/") != std::string::npos) {
    return {"LoadBalancerNotFound", "One or more load balancers not found", 400};
  }
  if (arn.find(":targetgroup/") != std::string::npos) {
    return {"TargetGroupNotFound", "One or more target groups not found", 400};
  }
  if (arn.find(":listener/") != std::string::npos) {
    return {"ListenerNotFound", "One or more listeners not found", 400};
  }
  return validation_error("'" + arn + "' is not a valid load balancing ARN");
}

}  // namespace

util::Result<wire::DescribeTagsResponse, ApiError> Elbv2::describe(
    const wire::DescribeTagsRequest& request) {
  wire::DescribeTagsResponse response;
  for (const std::string& arn : request.resource_arns) {
    const Tags* tags = tags_of(arn);
    if (tags == nullptr) {
      return util::unexpected(nothing_with_arn(arn));
    }
    wire::TagDescription description;
    description.resource_arn = arn;
    description.tags = *tags;
    response.tag_descriptions.push_back(std::move(description));
  }
  return response;
}

util::Result<wire::AddTagsResponse, ApiError> Elbv2::add_tags(const wire::AddTagsRequest& request) {
  for (const std::string& arn : request.resource_arns) {
    if (tags_of(arn) == nullptr) {
      return util::unexpected(nothing_with_arn(arn));
    }
  }
  for (const std::string& arn : request.resource_arns) {
    Tags& tags = *tags_of(arn);
    for (const wire::Tag& tag : request.tags) {
      std::erase_if(tags, [&](const wire::Tag& old) { return old.key == tag.key; });
      tags.push_back(tag);
    }
    save_by_arn(arn);
  }
  return wire::AddTagsResponse{};
}

util::Result<wire::RemoveTagsResponse, ApiError> Elbv2::remove_tags(
    const wire::RemoveTagsRequest& request) {
  for (const std::string& arn : request.resource_arns) {
    if (tags_of(arn) == nullptr) {
      return util::unexpected(nothing_with_arn(arn));
    }
  }
  for (const std::string& arn : request.resource_arns) {
    for (const std::string& key : request.tag_keys) {
      std::erase_if(*tags_of(arn), [&](const wire::Tag& old) { return old.key == key; });
    }
    save_by_arn(arn);
  }
  return wire::RemoveTagsResponse{};
}

void Elbv2::save_by_arn(const std::string& arn) {
  if (const auto owner = load_balancers_.find(arn); owner != load_balancers_.end()) {
    save(owner->second);
  } else if (const auto record = listeners_.find(arn); record != listeners_.end()) {
    save(record->second);
  } else if (const auto group = target_groups_.find(arn); group != target_groups_.end()) {
    save(group->second);
  }
}

void Elbv2::add_tag_actions(ActionTable& table) {
  add<wire::DescribeTagsRequest>(table, &Elbv2::describe);
  add<wire::AddTagsRequest>(table, &Elbv2::add_tags);
  add<wire::RemoveTagsRequest>(table, &Elbv2::remove_tags);
}

}  // namespace local::elbv2
