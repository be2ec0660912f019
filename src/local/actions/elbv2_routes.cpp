// The records as the data plane wants them.
#include <algorithm>
#include <cmath>
#include <set>

#include "local/actions/elbv2.hpp"
#include "local/actions/elbv2_rules.hpp"
#include "util/strings.hpp"

namespace local::elbv2 {

namespace {

const std::string& text_of(const Attributes& attributes, const std::string& key) {
  static const std::string kNone;
  const auto at = attributes.find(key);
  return at == attributes.end() ? kNone : at->second;
}

bool is_on(const Attributes& attributes, const std::string& key) {
  return text_of(attributes, key) == "true";
}

std::chrono::seconds seconds_of(const Attributes& attributes,
                                const std::string& key,
                                std::int64_t otherwise) {
  return std::chrono::seconds(util::parse_int(text_of(attributes, key)).value_or(otherwise));
}

balancer::Stickiness stickiness_of(const Attributes& attributes) {
  balancer::Stickiness sticky;
  if (!is_on(attributes, "stickiness.enabled")) {
    return sticky;
  }
  const std::string& type = text_of(attributes, "stickiness.type");
  if (type == "source_ip") {
    sticky.kind = balancer::Stickiness::Kind::source_ip;
    return sticky;
  }
  sticky.kind = type == "app_cookie" ? balancer::Stickiness::Kind::app_cookie
                                     : balancer::Stickiness::Kind::lb_cookie;
  sticky.duration = seconds_of(attributes, "stickiness." + type + ".duration_seconds", 86'400);
  sticky.cookie = text_of(attributes, "stickiness.app_cookie.cookie_name");
  return sticky;
}

balancer::HttpSettings http_settings(const LoadBalancer& owner, const Listener& listener) {
  const Attributes& of = owner.attributes;
  balancer::HttpSettings settings;
  settings.idle_timeout = seconds_of(of, "idle_timeout.timeout_seconds", 60);
  settings.client_keep_alive = seconds_of(of, "client_keep_alive.seconds", 3600);
  const std::string& mode = text_of(of, "routing.http.xff_header_processing.mode");
  if (mode == "remove") {
    settings.forwarded_for = balancer::ForwardedFor::remove;
  } else if (mode == "preserve") {
    settings.forwarded_for = balancer::ForwardedFor::preserve;
  }
  settings.client_port = is_on(of, "routing.http.xff_client_port.enabled");
  settings.preserve_host = is_on(of, "routing.http.preserve_host_header.enabled");
  settings.drop_invalid_headers = is_on(of, "routing.http.drop_invalid_header_fields.enabled");
  settings.tls_headers = is_on(of, "routing.http.x_amzn_tls_version_and_cipher_suite.enabled");
  settings.server_header =
      text_of(listener.attributes, "routing.http.response.server.enabled") != "false";
  return settings;
}

}  // namespace

balancer::ListenerKind kind_of(std::string_view protocol) {
  using balancer::ListenerKind;
  if (protocol == "HTTP") {
    return ListenerKind::http;
  }
  if (protocol == "HTTPS") {
    return ListenerKind::https;
  }
  if (protocol == "TLS") {
    return ListenerKind::tls;
  }
  if (protocol == "UDP") {
    return ListenerKind::udp;
  }
  return protocol == "TCP_UDP" ? ListenerKind::tcp_udp : ListenerKind::tcp;
}

std::chrono::milliseconds Elbv2::scaled(std::int64_t seconds) const {
  return std::chrono::milliseconds(
      std::llround(static_cast<double>(seconds) * 1000.0 * context_.time_scale));
}

balancer::HealthCheck Elbv2::check_of(const TargetGroup& group) const {
  const wire::TargetGroup& shape = group.shape;
  balancer::HealthCheck check;
  const std::string protocol = shape.health_check_protocol.value_or("TCP");
  if (protocol != "TCP") {
    check.protocol =
        protocol == "HTTP" ? balancer::CheckProtocol::http : balancer::CheckProtocol::https;
  }
  const auto port = util::parse_int(shape.health_check_port.value_or("traffic-port"));
  check.port = static_cast<std::uint16_t>(port.value_or(0));
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
  spec.sticky = stickiness_of(group.attributes);
  spec.tls = group.shape.protocol == "HTTPS" || group.shape.protocol == "TLS";
  spec.least_busy = text_of(group.attributes, "load_balancing.algorithm.type") != "round_robin";
  for (const Target& target : group.targets) {
    spec.targets.push_back({target.address(), target.draining_until.has_value()});
  }
  return spec;
}

// A listener that had to move to another port is where redirects to it must lead.
std::string Elbv2::redirect_port(const Listener& from, const std::string& port) const {
  if (port == "#{port}") {
    return std::to_string(from.real_port());
  }
  for (const auto& [arn, other] : listeners_) {
    if (other.load_balancer() == from.load_balancer() &&
        std::to_string(other.shape.port.value_or(0)) == port) {
      return std::to_string(other.real_port());
    }
  }
  return port;
}

balancer::ListenerSpec Elbv2::spec_of(const Listener& record) {
  balancer::ListenerSpec spec;
  spec.id = record.arn();
  spec.kind = kind_of(record.shape.protocol.value_or(""));
  spec.port = static_cast<std::uint16_t>(record.shape.port.value_or(0));
  for (const wire::Rule& rule : record.rules) {
    balancer::ActionSpec action = action_of(rule.actions.front());
    if (auto* redirect = std::get_if<balancer::RedirectSpec>(&action)) {
      redirect->port = redirect_port(record, redirect->port);
    }
    spec.rules.push_back(
        {conditions_of(rule.conditions), std::move(action), rewrites_of(rule.transforms)});
  }
  spec.certificates = key_pairs_of(record);
  spec.tls13_only = record.shape.ssl_policy.value_or("").find("TLS13-1-3") != std::string::npos;
  spec.idle_timeout = seconds_of(record.attributes, "tcp.idle_timeout.seconds", 350);
  if (const auto owner = load_balancers_.find(record.load_balancer());
      owner != load_balancers_.end()) {
    spec.http = http_settings(owner->second, record);
  }
  return spec;
}

void Elbv2::apply() {
  balancer::Desired desired;
  std::set<std::string> used;
  for (const auto& [arn, record] : listeners_) {
    desired.listeners.push_back(spec_of(record));
    for (const balancer::RuleSpec& rule : desired.listeners.back().rules) {
      if (const auto* forward = std::get_if<balancer::ForwardSpec>(&rule.action)) {
        for (const balancer::WeightedGroup& group : forward->groups) {
          used.insert(group.group);
        }
      }
    }
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
    for (const wire::Rule& rule : record.rules) {
      for (const wire::Action& action : rule.actions) {
        const auto forwards = forwards_of(action);
        if (std::ranges::find(forwards, group, &balancer::WeightedGroup::group) != forwards.end()) {
          users.insert(record.load_balancer());
        }
      }
    }
  }
  return {users.begin(), users.end()};
}

}  // namespace local::elbv2
