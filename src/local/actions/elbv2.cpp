#include "local/actions/elbv2.hpp"

#include <algorithm>
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

Elbv2::Elbv2(Context& context,
             const ActionTable& actions,
             CertificateSource& certificates,
             balancer::DataPlane& data_plane)
    : context_(context), actions_(actions), certificates_(certificates), data_plane_(data_plane) {}

void Elbv2::add_actions(ActionTable& table) {
  add_load_balancer_actions(table);
  add_listener_actions(table);
  add_rule_actions(table);
  add_certificate_actions(table);
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

// --- what the data plane says
// -------------------------------------------------------------------------------------------

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
  if (arn.find(":listener-rule/") != std::string::npos) {
    const auto found = rule(arn);
    return found ? &found->listener->rule_tags[arn] : nullptr;
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
  if (arn.find(":listener-rule/") != std::string::npos) {
    return {"RuleNotFound", "One or more rules not found", 400};
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
  } else if (const auto found = rule(arn)) {
    save(*found->listener);
  }
}

void Elbv2::add_tag_actions(ActionTable& table) {
  add<wire::DescribeTagsRequest>(table, &Elbv2::describe);
  add<wire::AddTagsRequest>(table, &Elbv2::add_tags);
  add<wire::RemoveTagsRequest>(table, &Elbv2::remove_tags);
}

}  // namespace local::elbv2
