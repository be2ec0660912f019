#include <algorithm>
#include <array>
#include <utility>

#include "local/actions/elbv2.hpp"
#include "local/actions/elbv2_attributes.hpp"
#include "local/actions/elbv2_rules.hpp"

namespace local::elbv2 {

namespace {

constexpr std::size_t kListenersOfBalancer = 50;
constexpr const char* kDefaultPolicy = "ELBSecurityPolicy-2016-08";
constexpr std::uint16_t kFirstOpenPort = 1024;
constexpr std::uint16_t kInsteadOfReserved = 8000;  // 80 -> 8080, 443 -> 8443

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
  const bool http = protocol == "HTTP" || protocol == "HTTPS";
  if (application ? !http : (http || protocol == "GENEVE")) {
    return validation_error("Listener protocol '" + protocol + "' must be one of '" +
                            (application ? "HTTPS, HTTP" : "UDP, TCP, TCP_UDP, TLS") + "'");
  }
  if (protocol == "QUIC" || protocol == "TCP_QUIC") {
    return ApiError{"UnsupportedProtocol",
                    "The local engine has no listeners of protocol '" + protocol + "'.",
                    400};
  }
  return std::nullopt;
}

bool takes_off_tls(std::string_view protocol) {
  return protocol == "HTTPS" || protocol == "TLS";
}

// AWS's names follow a pattern; what is spoken is TLS 1.2 and 1.3, or 1.3 alone.
std::optional<ApiError> check_ssl_policy(const std::string& policy) {
  static constexpr std::array<std::string_view, 28> kPolicies{
      "ELBSecurityPolicy-2016-08",
      "ELBSecurityPolicy-TLS-1-0-2015-04",
      "ELBSecurityPolicy-TLS-1-1-2017-01",
      "ELBSecurityPolicy-TLS-1-2-2017-01",
      "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
      "ELBSecurityPolicy-FS-2018-06",
      "ELBSecurityPolicy-FS-1-1-2019-08",
      "ELBSecurityPolicy-FS-1-2-2019-08",
      "ELBSecurityPolicy-FS-1-2-Res-2019-08",
      "ELBSecurityPolicy-FS-1-2-Res-2020-10",
      "ELBSecurityPolicy-TLS13-1-0-2021-06",
      "ELBSecurityPolicy-TLS13-1-1-2021-06",
      "ELBSecurityPolicy-TLS13-1-2-2021-06",
      "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
      "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
      "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
      "ELBSecurityPolicy-TLS13-1-3-2021-06",
      "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
      "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"};
  if (std::ranges::find(kPolicies, policy) == kPolicies.end()) {
    return ApiError{"SSLPolicyNotFound", "SSL policy '" + policy + "' not found", 400};
  }
  return std::nullopt;
}

std::optional<ApiError> check_greeting(
    const std::string& protocol,
    const std::vector<std::string>& alpn,
    const std::optional<wire::MutualAuthenticationAttributes>& mutual) {
  if (mutual && mutual->mode.value_or("off") != "off") {
    return ApiError{"InvalidConfigurationRequest",
                    "The local engine does not ask clients for certificates "
                    "(MutualAuthentication mode '" +
                        *mutual->mode + "').",
                    400};
  }
  for (const std::string& policy : alpn) {
    if (protocol != "TLS") {
      return ApiError{
          "InvalidConfigurationRequest", "ALPN policies are only supported for TLS listeners", 400};
    }
    if (policy != "None" && policy != "HTTP1Only") {
      return ApiError{"ALPNPolicyNotFound",
                      "The local engine does not do the ALPN policy '" + policy +
                          "', only 'None' and 'HTTP1Only'.",
                      400};
    }
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

// Whose sockets a listener of this protocol needs.
int family_of(const std::string& protocol) {
  switch (kind_of(protocol)) {
    case balancer::ListenerKind::http:
    case balancer::ListenerKind::https: return 0;
    case balancer::ListenerKind::tcp:
    case balancer::ListenerKind::tls: return 1;
    case balancer::ListenerKind::udp: return 2;
    case balancer::ListenerKind::tcp_udp: return 3;
  }
  return 0;
}

}  // namespace

std::optional<ApiError> Elbv2::check_actions(const LoadBalancer& owner,
                                             std::string_view listener_protocol,
                                             const std::vector<wire::Action>& actions) {
  if (auto problem = check_action_kinds(actions, owner.is_application(), listener_protocol)) {
    return problem;
  }
  for (const balancer::WeightedGroup& forward : forwards_of(actions.front())) {
    const auto group = target_group(forward.group);
    if (!group) {
      return group.error();
    }
    const std::string protocol = (*group)->shape.protocol.value_or("");
    if (!may_forward(listener_protocol, protocol)) {
      return ApiError{"IncompatibleProtocols",
                      "The listener protocol '" + std::string(listener_protocol) +
                          "' is not supported with the target group protocol '" + protocol + "'",
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

std::optional<ApiError> Elbv2::check_listener(const LoadBalancer& owner, const Listener& record) {
  const std::string& protocol = *record.shape.protocol;
  if (auto problem = check_listener_protocol(protocol, owner.is_application())) {
    return problem;
  }
  for (const auto& [arn, other] : listeners_) {
    if (arn != record.arn() && other.load_balancer() == owner.arn() &&
        other.shape.port == record.shape.port) {
      return ApiError{
          "DuplicateListener",
          "A listener already exists on this port for this load balancer '" + owner.arn() + "'",
          400};
    }
  }
  if (auto problem =
          check_greeting(protocol, record.shape.alpn_policy, record.shape.mutual_authentication)) {
    return problem;
  }
  if (!takes_off_tls(protocol)) {
    return record.shape.certificates.empty()
               ? std::nullopt
               : std::optional(
                     ApiError{"InvalidConfigurationRequest",
                              "Certificates cannot be specified for " + protocol + " listeners",
                              400});
  }
  if (record.shape.certificates.size() != 1) {
    return validation_error(record.shape.certificates.empty()
                                ? "A certificate must be specified for " + protocol + " listeners"
                                : "Exactly one default certificate must be specified");
  }
  if (auto problem = check_certificates(record.shape.certificates)) {
    return problem;
  }
  return check_ssl_policy(record.shape.ssl_policy.value_or(""));
}

// On the listener's own port; when that is reserved for the administrator, on one above.
util::Result<std::string, ApiError> Elbv2::open(Listener& record, LoadBalancer& owner) {
  const auto kind = kind_of(*record.shape.protocol);
  const auto port = static_cast<std::uint16_t>(record.shape.port.value_or(0));
  record.bound_port = 0;
  auto host = data_plane_.open_listener(record.arn(), kind, listener_hosts(owner.host), port);
  if (!host && host.error().kind == balancer::BindError::Kind::forbidden && port < kFirstOpenPort) {
    const auto instead = static_cast<std::uint16_t>(port + kInsteadOfReserved);
    auto moved = data_plane_.open_listener(record.arn(), kind, listener_hosts(owner.host), instead);
    if (moved) {
      record.bound_port = instead;
      host = std::move(moved);
    }
  }
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
      kind_of(*at->second.shape.protocol),
      {owner->second.host.empty() ? std::string("127.0.0.1") : owner->second.host},
      static_cast<std::uint16_t>(at->second.real_port()));
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
  const bool application = (*owner)->is_application();
  Listener record;
  std::string base = request.load_balancer_arn;
  base.replace(base.find(":loadbalancer/"), 14, ":listener/");
  record.shape.listener_arn = base + "/" + context_.ids.hex(16);
  record.shape.load_balancer_arn = request.load_balancer_arn;
  record.shape.port = request.port;
  record.shape.protocol = request.protocol;
  record.shape.alpn_policy = request.alpn_policy;
  record.shape.certificates = request.certificates;
  record.shape.mutual_authentication = request.mutual_authentication;
  if (takes_off_tls(*request.protocol)) {
    record.shape.ssl_policy = request.ssl_policy.value_or(kDefaultPolicy);
  }
  if (auto problem = check_listener(**owner, record)) {
    return util::unexpected(*problem);
  }
  if (auto problem = check_actions(**owner, *request.protocol, request.default_actions)) {
    return util::unexpected(*problem);
  }
  const auto siblings = std::ranges::count_if(listeners_, [&](const auto& entry) {
    return entry.second.load_balancer() == request.load_balancer_arn;
  });
  if (static_cast<std::size_t>(siblings) >= kListenersOfBalancer) {
    return util::unexpected(ApiError{
        "TooManyListeners", "The maximum number of listeners on a load balancer is '50'", 400});
  }
  record.shape.default_actions = normalised_all(request.default_actions, application);
  record.tags = request.tags;
  record.attributes = default_attributes(attributes_of_listener(*request.protocol));
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
  wire::Listener& shape = changed.shape;
  const std::string before = *shape.protocol;
  shape.port = request.port ? request.port : shape.port;
  shape.protocol = request.protocol ? request.protocol : shape.protocol;
  if (!request.alpn_policy.empty()) {
    shape.alpn_policy = request.alpn_policy;
  }
  if (request.mutual_authentication) {
    shape.mutual_authentication = request.mutual_authentication;
  }
  if (takes_off_tls(*shape.protocol)) {
    if (!request.certificates.empty()) {
      shape.certificates = request.certificates;
    }
    shape.ssl_policy = request.ssl_policy.value_or(shape.ssl_policy.value_or(kDefaultPolicy));
  } else {
    shape.certificates = request.certificates;
    shape.ssl_policy.reset();
    changed.certificates.clear();
  }
  if (auto problem = check_listener(owner, changed)) {
    return util::unexpected(*problem);
  }
  const auto& actions =
      request.default_actions.empty() ? shape.default_actions : request.default_actions;
  if (auto problem = check_actions(owner, *shape.protocol, actions)) {
    return util::unexpected(*problem);
  }
  shape.default_actions = normalised_all(actions, owner.is_application());
  changed.rules.back().actions = shape.default_actions;
  if (shape.protocol != before) {
    Attributes kept = default_attributes(attributes_of_listener(*shape.protocol));
    for (auto& [key, value] : kept) {
      const auto old = changed.attributes.find(key);
      value = old == changed.attributes.end() ? value : old->second;
    }
    changed.attributes = std::move(kept);
  }
  if (shape.port != (*found)->shape.port || family_of(*shape.protocol) != family_of(before)) {
    if (shape.port == (*found)->shape.port) {
      data_plane_.close_listener(changed.arn());
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
  response.attributes = shown_attributes<wire::ListenerAttribute>((*found)->attributes);
  if ((*found)->bound_port != 0) {
    response.attributes.push_back({"local.port", std::to_string((*found)->bound_port)});
  }
  return response;
}

util::Result<wire::ModifyListenerAttributesResponse, ApiError> Elbv2::modify(
    const wire::ModifyListenerAttributesRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  Listener& record = **found;
  if (auto problem = set_attributes(
          attributes_of_listener(*record.shape.protocol), record.attributes, request.attributes)) {
    return util::unexpected(*problem);
  }
  save(record);
  apply();
  wire::ModifyListenerAttributesResponse response;
  response.attributes = shown_attributes<wire::ListenerAttribute>(record.attributes);
  return response;
}

void Elbv2::add_listener_actions(ActionTable& table) {
  add<wire::CreateListenerRequest>(table, &Elbv2::create);
  add<wire::DeleteListenerRequest>(table, &Elbv2::remove);
  add<wire::ModifyListenerRequest>(table, &Elbv2::modify);
  add<wire::DescribeListenersRequest>(table, &Elbv2::describe);
  add<wire::DescribeListenerAttributesRequest>(table, &Elbv2::describe);
  add<wire::ModifyListenerAttributesRequest>(table, &Elbv2::modify);
}

}  // namespace local::elbv2
