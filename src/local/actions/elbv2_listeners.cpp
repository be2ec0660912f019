#include <algorithm>
#include <utility>

#include "local/actions/elbv2.hpp"

namespace local::elbv2 {

namespace {

// Where listeners may be: loopback only, so that nothing is published to the network by a
// deployment.
std::vector<std::string> listener_hosts(const std::string& first) {
  std::vector<std::string> hosts;
  if (!first.empty()) {
    hosts.push_back(first);
  }
  for (int i = 1; i <= 9; ++i) {
    std::string host = "127.0.0." + std::to_string(i);
    if (host != first) {
      hosts.push_back(std::move(host));
    }
  }
  return hosts;
}

std::optional<ApiError> check_listener_protocol(const std::string& protocol, bool application) {
  const bool known = application
                         ? protocol == "HTTP" || protocol == "HTTPS"
                         : protocol != "HTTP" && protocol != "HTTPS" && protocol != "GENEVE";
  if (!known) {
    return validation_error("Listener protocol '" + protocol + "' must be one of '" +
                            (application ? "HTTPS, HTTP" : "UDP, TCP, TCP_UDP, TLS") + "'");
  }
  const bool here = protocol == "TCP";
  if (!here) {
    return ApiError{
        "UnsupportedProtocol",
        "The local engine has no listeners of protocol '" + protocol + "' yet, only TCP.",
        400};
  }
  return std::nullopt;
}

wire::Rule default_rule(const std::string& listener_arn,
                        const std::string& id,
                        const std::vector<wire::Action>& actions) {
  std::string arn = listener_arn;
  arn.replace(arn.find(":listener/"), 10, ":listener-rule/");
  wire::Rule rule;
  rule.rule_arn = arn + "/" + id;
  rule.priority = "default";
  rule.actions = actions;
  rule.is_default = true;
  return rule;
}

}  // namespace

std::optional<ApiError> Elbv2::check_actions(const LoadBalancer& owner,
                                             std::string_view listener_protocol,
                                             const std::vector<wire::Action>& actions) {
  if (actions.size() != 1) {
    return ApiError{"TooManyActions", "Exactly one action must be specified", 400};
  }
  const wire::Action& action = actions.front();
  if (action.type != "forward") {
    return owner.is_application()
               ? ApiError{"InvalidLoadBalancerAction",
                          "The local engine has no action of type '" + action.type + "' yet.",
                          400}
               : ApiError{"InvalidLoadBalancerAction",
                          "The action type '" + action.type +
                              "' is not valid with network load balancer",
                          400};
  }
  const auto forwards = forwards_of(action);
  if (forwards.empty()) {
    return validation_error("A target group ARN must be specified");
  }
  for (const balancer::WeightedGroup& forward : forwards) {
    const auto group = target_group(forward.group);
    if (!group) {
      return group.error();
    }
    const std::string protocol = (*group)->shape.protocol.value_or("");
    if (listener_protocol == "TCP" && protocol != "TCP") {
      return ApiError{
          "IncompatibleProtocols",
          "The listener protocol 'TCP' is not supported with the target group protocol '" +
              protocol + "'",
          400};
    }
    const std::vector<std::string> users = users_of(forward.group);
    if (std::ranges::any_of(users, [&](const std::string& user) { return user != owner.arn(); })) {
      return ApiError{"TargetGroupAssociationLimit",
                      "The following target groups cannot be associated with more than one load "
                      "balancer: " +
                          forward.group,
                      400};
    }
  }
  return std::nullopt;
}

util::Result<std::string, ApiError> Elbv2::open(Listener& record, LoadBalancer& owner) {
  const auto port = static_cast<std::uint16_t>(record.shape.port.value_or(0));
  auto host = data_plane_.open_listener(record.arn(), listener_hosts(owner.host), port);
  if (!host) {
    return util::unexpected(ApiError{"InvalidConfigurationRequest", host.error().detail, 400});
  }
  record.open = true;
  if (owner.host.empty()) {
    owner.host = *host;
    save(owner);
  }
  return *host;
}

// After a restart; a port that somebody took meanwhile is tried again until it is free.
void Elbv2::open_again(const std::string& arn) {
  const auto at = listeners_.find(arn);
  if (at == listeners_.end() || at->second.open) {
    return;
  }
  const auto owner = load_balancers_.find(at->second.load_balancer());
  if (owner == load_balancers_.end()) {
    return;
  }
  const auto host = data_plane_.open_listener(
      arn,
      {owner->second.host.empty() ? std::string("127.0.0.1") : owner->second.host},
      static_cast<std::uint16_t>(at->second.shape.port.value_or(0)));
  at->second.open = host.has_value();
  if (!host) {
    context_.log("listener " + arn + ": " + host.error().detail);
    context_.timers.at(context_.now() + std::chrono::seconds(1), [this, arn] { open_again(arn); });
  }
}

util::Result<wire::CreateListenerResponse, ApiError> Elbv2::create(
    const wire::CreateListenerRequest& request) {
  const auto owner = load_balancer(request.load_balancer_arn);
  if (!owner) {
    return util::unexpected(owner.error());
  }
  if (!request.port) {
    return util::unexpected(validation_error("A listener port must be specified"));
  }
  if (!request.protocol) {
    return util::unexpected(validation_error("A listener protocol must be specified"));
  }
  if (auto problem = check_listener_protocol(*request.protocol, (*owner)->is_application())) {
    return util::unexpected(*problem);
  }
  for (const auto& [arn, other] : listeners_) {
    if (other.load_balancer() == request.load_balancer_arn && other.shape.port == request.port) {
      return util::unexpected(
          ApiError{"DuplicateListener",
                   "A listener already exists on this port for this load balancer '" +
                       request.load_balancer_arn + "'",
                   400});
    }
  }
  if (auto problem = check_actions(**owner, *request.protocol, request.default_actions)) {
    return util::unexpected(*problem);
  }
  Listener record;
  std::string base = request.load_balancer_arn;
  base.replace(base.find(":loadbalancer/"), 14, ":listener/");
  record.shape.listener_arn = base + "/" + context_.ids.hex(16);
  record.shape.load_balancer_arn = request.load_balancer_arn;
  record.shape.port = request.port;
  record.shape.protocol = request.protocol;
  record.shape.alpn_policy = request.alpn_policy;
  for (const wire::Action& action : request.default_actions) {
    record.shape.default_actions.push_back(normalised(action, (*owner)->is_application()));
  }
  record.tags = request.tags;
  record.attributes = default_listener_attributes(*request.protocol);
  record.rules = {default_rule(record.arn(), context_.ids.hex(16), record.shape.default_actions)};
  if (const auto host = open(record, **owner); !host) {
    return util::unexpected(host.error());
  }
  save(record);
  wire::CreateListenerResponse response;
  response.listeners.push_back(record.shape);
  const std::string arn = record.arn();
  listeners_[arn] = std::move(record);
  apply();
  return response;
}

void Elbv2::erase_listener(const std::string& arn) {
  data_plane_.close_listener(arn);
  erase_record(arn);
  listeners_.erase(arn);
}

util::Result<wire::DeleteListenerResponse, ApiError> Elbv2::remove(
    const wire::DeleteListenerRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  erase_listener(request.listener_arn);
  apply();
  return wire::DeleteListenerResponse{};
}

util::Result<wire::ModifyListenerResponse, ApiError> Elbv2::modify(
    const wire::ModifyListenerRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  Listener changed = **found;
  LoadBalancer& owner = load_balancers_.at(changed.load_balancer());
  changed.shape.port = request.port ? request.port : changed.shape.port;
  changed.shape.protocol = request.protocol ? request.protocol : changed.shape.protocol;
  if (auto problem = check_listener_protocol(*changed.shape.protocol, owner.is_application())) {
    return util::unexpected(*problem);
  }
  if (!request.default_actions.empty()) {
    if (auto problem = check_actions(owner, *changed.shape.protocol, request.default_actions)) {
      return util::unexpected(*problem);
    }
    changed.shape.default_actions.clear();
    for (const wire::Action& action : request.default_actions) {
      changed.shape.default_actions.push_back(normalised(action, owner.is_application()));
    }
    changed.rules.back().actions = changed.shape.default_actions;
  }
  if (changed.shape.port != (*found)->shape.port) {
    for (const auto& [arn, other] : listeners_) {
      if (arn != changed.arn() && other.load_balancer() == owner.arn() &&
          other.shape.port == changed.shape.port) {
        return util::unexpected(ApiError{
            "DuplicateListener",
            "A listener already exists on this port for this load balancer '" + owner.arn() + "'",
            400});
      }
    }
    if (const auto host = open(changed, owner); !host) {
      return util::unexpected(host.error());
    }
  }
  save(changed);
  **found = std::move(changed);
  apply();
  wire::ModifyListenerResponse response;
  response.listeners.push_back((*found)->shape);
  return response;
}

util::Result<wire::DescribeListenersResponse, ApiError> Elbv2::describe(
    const wire::DescribeListenersRequest& request) {
  if (!request.load_balancer_arn && request.listener_arns.empty()) {
    return util::unexpected(
        validation_error("You must specify either listener ARNs or a load balancer ARN"));
  }
  std::vector<wire::Listener> all;
  if (request.load_balancer_arn) {
    const auto owner = load_balancer(*request.load_balancer_arn);
    if (!owner) {
      return util::unexpected(owner.error());
    }
    for (const auto& [arn, record] : listeners_) {
      if (record.load_balancer() == *request.load_balancer_arn) {
        all.push_back(record.shape);
      }
    }
  }
  for (const std::string& arn : request.listener_arns) {
    const auto found = listener(arn);
    if (!found) {
      return util::unexpected(found.error());
    }
    all.push_back((*found)->shape);
  }
  wire::DescribeListenersResponse response;
  response.listeners =
      page(std::move(all), request.marker, request.page_size, response.next_marker);
  return response;
}

util::Result<wire::DescribeListenerAttributesResponse, ApiError> Elbv2::describe(
    const wire::DescribeListenerAttributesRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  wire::DescribeListenerAttributesResponse response;
  for (const auto& [key, value] : (*found)->attributes) {
    response.attributes.push_back({key, value});
  }
  return response;
}

util::Result<wire::DescribeRulesResponse, ApiError> Elbv2::describe(
    const wire::DescribeRulesRequest& request) {
  if (!request.listener_arn && request.rule_arns.empty()) {
    return util::unexpected(
        validation_error("You must specify either listener rule ARNs or a listener ARN"));
  }
  std::vector<wire::Rule> all;
  if (request.listener_arn) {
    const auto found = listener(*request.listener_arn);
    if (!found) {
      return util::unexpected(found.error());
    }
    all = (*found)->rules;
  }
  for (const std::string& arn : request.rule_arns) {
    const wire::Rule* rule = nullptr;
    for (const auto& [listener_arn, record] : listeners_) {
      const auto at = std::ranges::find(record.rules, std::optional(arn), &wire::Rule::rule_arn);
      rule = at == record.rules.end() ? rule : &*at;
    }
    if (rule == nullptr) {
      return util::unexpected(ApiError{"RuleNotFound", "One or more rules not found", 400});
    }
    all.push_back(*rule);
  }
  wire::DescribeRulesResponse response;
  response.rules = page(std::move(all), request.marker, request.page_size, response.next_marker);
  return response;
}

void Elbv2::add_listener_actions(ActionTable& table) {
  add<wire::CreateListenerRequest>(table, &Elbv2::create);
  add<wire::DeleteListenerRequest>(table, &Elbv2::remove);
  add<wire::ModifyListenerRequest>(table, &Elbv2::modify);
  add<wire::DescribeListenersRequest>(table, &Elbv2::describe);
  add<wire::DescribeListenerAttributesRequest>(table, &Elbv2::describe);
  add<wire::DescribeRulesRequest>(table, &Elbv2::describe);
}

}  // namespace local::elbv2
