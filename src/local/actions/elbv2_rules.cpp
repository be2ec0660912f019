#include "local/actions/elbv2_rules.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "local/actions/elbv2.hpp"
#include "net/socket.hpp"
#include "util/strings.hpp"

namespace local::elbv2 {

namespace {

constexpr std::size_t kConditionValues = 5;  // of one rule
constexpr std::size_t kWildcards = 5;        // of one rule
constexpr std::size_t kLongestValue = 128;
constexpr std::size_t kForwardGroups = 5;
constexpr std::int64_t kLongestStickiness = 604'800;

ApiError bad_action(std::string message) {
  return {"InvalidLoadBalancerAction", std::move(message), 400};
}

ApiError not_done(const std::string& what) {
  return {"InvalidConfigurationRequest", "The local engine does not do " + what + ".", 400};
}

using Values = std::vector<std::string>;

// The values wherever they are written; query strings apart.
const Values& values_of(const wire::RuleCondition& condition) {
  const auto or_plain = [&](const auto& config) -> const Values& {
    return config && !config->values.empty() ? config->values : condition.values;
  };
  const std::string field = condition.field.value_or("");
  if (field == "host-header") {
    return or_plain(condition.host_header_config);
  }
  if (field == "path-pattern") {
    return or_plain(condition.path_pattern_config);
  }
  if (field == "http-header") {
    return or_plain(condition.http_header_config);
  }
  if (field == "http-request-method") {
    return or_plain(condition.http_request_method_config);
  }
  if (field == "source-ip") {
    return or_plain(condition.source_ip_config);
  }
  return condition.values;
}

// Those that are written in a …Config, and those beside it.
Values regexes_of(const wire::RuleCondition& condition) {
  Values all = condition.regex_values;
  const auto add = [&](const auto& config) {
    if (config) {
      all.insert(all.end(), config->regex_values.begin(), config->regex_values.end());
    }
  };
  add(condition.host_header_config);
  add(condition.path_pattern_config);
  add(condition.http_header_config);
  return all;
}

std::optional<ApiError> check_regex(const std::string& source) {
  if (source.empty() || balancer::Regex::compile(source) == nullptr) {
    return not_done("the regular expression '" + source +
                    "'; it takes POSIX extended ones with \\d, \\w and \\s");
  }
  return std::nullopt;
}

std::size_t wildcards_in(std::string_view value) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\') {
      ++i;
    } else {
      count += value[i] == '*' || value[i] == '?' ? 1U : 0U;
    }
  }
  return count;
}

bool is_one_of(char c, std::string_view others) {
  return util::is_alnum(c) || others.find(c) != std::string_view::npos;
}

std::optional<ApiError> check_value(const std::string& field, const std::string& value) {
  if (value.empty()) {
    return validation_error("A condition value must be specified");
  }
  if (value.size() > kLongestValue) {
    return validation_error("The '" + value + "' value is too long; the limit is '128'");
  }
  const bool well_formed = std::ranges::all_of(value, [&](char c) {
    if (field == "host-header") {
      return is_one_of(c, "-.*?");
    }
    if (field == "path-pattern") {
      return is_one_of(c, "_-.$/~\"'@:+&*?,\\;=!()%");
    }
    return field != "http-request-method" || is_one_of(c, "-_");
  });
  if (!well_formed) {
    return validation_error("Condition value '" + value +
                            "' contains a character that is not valid");
  }
  return std::nullopt;
}

bool is_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto length =
      slash == std::string_view::npos ? std::nullopt : util::parse_int(text.substr(slash + 1));
  const auto address = net::SocketAddress::ip(text.substr(0, slash), 0);
  return length && address && *length >= 0 &&
         *length <= (address->family() == AF_INET ? 32 : 128) && !text.starts_with("localhost");
}

std::optional<ApiError> check_condition(const wire::RuleCondition& condition,
                                        std::size_t& values,
                                        std::size_t& wildcards) {
  static constexpr std::array<std::string_view, 6> kFields{"http-request-method",
                                                           "host-header",
                                                           "path-pattern",
                                                           "http-header",
                                                           "query-string",
                                                           "source-ip"};
  const std::string field = condition.field.value_or("");
  if (std::ranges::find(kFields, field) == kFields.end()) {
    return validation_error(
        "Condition field '" + field +
        "' must be one of '[path-pattern, http-request-method, host-header, query-string, "
        "http-header, source-ip]'");
  }
  const Values regexes = regexes_of(condition);
  values += regexes.size();
  for (const std::string& regex : regexes) {
    if (auto problem = check_regex(regex)) {
      return problem;
    }
  }
  if (!regexes.empty() && field != "host-header" && field != "path-pattern" &&
      field != "http-header") {
    return validation_error("Regular expressions are not supported with '" + field + "'");
  }
  if (field == "query-string") {
    if (!condition.query_string_config || condition.query_string_config->values.empty()) {
      return validation_error("A 'QueryStringConfig' must be specified with 'query-string'");
    }
    for (const wire::QueryStringKeyValuePair& pair : condition.query_string_config->values) {
      ++values;
      wildcards += wildcards_in(pair.key.value_or("")) + wildcards_in(pair.value.value_or(""));
      if (auto problem = check_value(field, pair.value.value_or(""))) {
        return problem;
      }
    }
    return std::nullopt;
  }
  const Values& all = values_of(condition);
  if (all.empty() && regexes.empty()) {
    return validation_error("A condition value must be specified");
  }
  if (field == "http-header" &&
      (!condition.http_header_config ||
       condition.http_header_config->http_header_name.value_or("").empty())) {
    return validation_error("A 'HttpHeaderName' must be specified with 'http-header'");
  }
  for (const std::string& value : all) {
    ++values;
    if (field == "source-ip") {
      if (!is_cidr(value)) {
        return validation_error("The source IP value '" + value + "' is not a valid CIDR block");
      }
      continue;
    }
    wildcards += field == "http-request-method" ? 0 : wildcards_in(value);
    if (auto problem = check_value(field, value)) {
      return problem;
    }
  }
  return std::nullopt;
}

balancer::Condition::Field field_of(std::string_view name) {
  using Field = balancer::Condition::Field;
  if (name == "host-header") {
    return Field::host;
  }
  if (name == "http-header") {
    return Field::header;
  }
  if (name == "http-request-method") {
    return Field::method;
  }
  if (name == "query-string") {
    return Field::query;
  }
  return name == "source-ip" ? Field::source_ip : Field::path;
}

std::optional<ApiError> check_redirect(const wire::RedirectActionConfig& config,
                                       std::string_view listener_protocol) {
  const std::string protocol = config.protocol.value_or("#{protocol}");
  if (protocol == "HTTP" && listener_protocol == "HTTPS") {
    return bad_action("Redirect actions cannot redirect HTTPS to HTTP");
  }
  const std::string port = config.port.value_or("#{port}");
  const auto number = util::parse_int(port);
  if (port != "#{port}" && (!number || *number < 1 || *number > 65535)) {
    return bad_action("The redirect port '" + port +
                      "' must be in the range 1-65535 inclusive, or '#{port}'");
  }
  const std::string path = config.path.value_or("/#{path}");
  if (!path.starts_with('/')) {
    return bad_action("The redirect path '" + path + "' must start with '/'");
  }
  const bool same = (protocol == "#{protocol}" || protocol == listener_protocol) &&
                    port == "#{port}" && config.host.value_or("#{host}") == "#{host}" &&
                    path == "/#{path}";
  if (same) {
    return bad_action("The RedirectConfig is not valid because it creates a loop");
  }
  return std::nullopt;
}

std::optional<ApiError> check_fixed_response(const wire::FixedResponseActionConfig& config) {
  static constexpr std::array<std::string_view, 5> kTypes{
      "text/plain", "text/css", "text/html", "application/javascript", "application/json"};
  const std::string type = config.content_type.value_or("text/plain");
  if (!type.empty() && std::ranges::find(kTypes, type) == kTypes.end()) {
    return bad_action("The content type '" + type + "' must be one of '" +
                      "text/plain, text/css, text/html, application/javascript, "
                      "application/json'");
  }
  return std::nullopt;
}

std::optional<ApiError> check_forward(const wire::Action& action, bool application) {
  const auto groups = forwards_of(action);
  if (groups.empty()) {
    return validation_error("A target group ARN must be specified");
  }
  if (groups.size() > kForwardGroups) {
    return validation_error("An action can forward to at most '5' target groups");
  }
  for (const balancer::WeightedGroup& group : groups) {
    if (group.weight < 0 || group.weight > 999) {
      return validation_error("Target group weight '" + std::to_string(group.weight) +
                              "' must be between 0 and 999");
    }
  }
  const auto* sticky =
      action.forward_config && action.forward_config->target_group_stickiness_config
          ? &*action.forward_config->target_group_stickiness_config
          : nullptr;
  if (sticky != nullptr && sticky->enabled.value_or(false)) {
    const std::int64_t seconds = sticky->duration_seconds.value_or(0);
    if (!application) {
      return not_done("target group stickiness on network load balancers");
    }
    if (seconds < 1 || seconds > kLongestStickiness) {
      return validation_error("Target group stickiness duration '" + std::to_string(seconds) +
                              "' must be between 1 and 604800 seconds");
    }
  }
  return std::nullopt;
}

std::int64_t priority_of(const wire::Rule& rule) {
  return util::parse_int(rule.priority.value_or(""))
      .value_or(std::numeric_limits<std::int64_t>::max());
}

}  // namespace

std::optional<ApiError> check_conditions(const std::vector<wire::RuleCondition>& conditions) {
  if (conditions.empty()) {
    return validation_error("A condition must be specified");
  }
  std::size_t values = 0;
  std::size_t wildcards = 0;
  std::vector<std::string> once;
  for (const wire::RuleCondition& condition : conditions) {
    if (auto problem = check_condition(condition, values, wildcards)) {
      return problem;
    }
    const std::string field = condition.field.value_or("");
    if (field == "http-header" || field == "query-string") {
      continue;
    }
    if (std::ranges::find(once, field) != once.end()) {
      return validation_error("A rule can only have one '" + field + "' condition");
    }
    once.push_back(field);
  }
  if (values > kConditionValues) {
    return validation_error("A rule can only have '5' condition values");
  }
  if (wildcards > kWildcards) {
    return validation_error("A rule can only have '5' wildcards");
  }
  return std::nullopt;
}

wire::RuleCondition normalised(wire::RuleCondition condition) {
  const auto fill = [&](auto& config) {
    if (condition.values.empty() && config) {
      condition.values = config->values;
    } else if (!condition.values.empty()) {
      config.emplace().values = condition.values;
    }
  };
  if (condition.field == "host-header") {
    fill(condition.host_header_config);
  } else if (condition.field == "path-pattern") {
    fill(condition.path_pattern_config);
  }
  return condition;
}

std::vector<balancer::Condition> conditions_of(const std::vector<wire::RuleCondition>& conditions) {
  std::vector<balancer::Condition> out;
  for (const wire::RuleCondition& condition : conditions) {
    balancer::Condition& one = out.emplace_back();
    one.field = field_of(condition.field.value_or(""));
    one.values = values_of(condition);
    for (const std::string& source : regexes_of(condition)) {
      if (auto regex = balancer::Regex::compile(source)) {
        one.regexes.push_back(std::move(regex));
      }
    }
    if (condition.http_header_config) {
      one.header = condition.http_header_config->http_header_name.value_or("");
    }
    if (condition.query_string_config) {
      for (const wire::QueryStringKeyValuePair& pair : condition.query_string_config->values) {
        one.pairs.emplace_back(pair.key.value_or(""), pair.value.value_or(""));
      }
    }
  }
  return out;
}

std::optional<ApiError> check_action_kinds(const std::vector<wire::Action>& actions,
                                           bool application,
                                           std::string_view listener_protocol) {
  if (actions.empty()) {
    return validation_error("An action must be specified");
  }
  for (const wire::Action& action : actions) {
    const bool elsewhere =
        action.type != "forward" && action.type != "redirect" && action.type != "fixed-response";
    if (!application && action.type != "forward") {
      return bad_action("The action type '" + action.type +
                        "' is not valid with network load balancer");
    }
    if (elsewhere) {
      return bad_action("The local engine does not do actions of type '" + action.type + "'.");
    }
  }
  if (actions.size() != 1) {
    return ApiError{"TooManyActions", "Exactly one action must be specified", 400};
  }
  const wire::Action& action = actions.front();
  if (action.type == "redirect") {
    return action.redirect_config
               ? check_redirect(*action.redirect_config, listener_protocol)
               : validation_error("A redirect action must have a 'RedirectConfig'");
  }
  if (action.type == "fixed-response") {
    return action.fixed_response_config
               ? check_fixed_response(*action.fixed_response_config)
               : validation_error("A fixed-response action must have a 'FixedResponseConfig'");
  }
  return check_forward(action, application);
}

balancer::ActionSpec action_of(const wire::Action& action) {
  if (action.redirect_config) {
    const wire::RedirectActionConfig& from = *action.redirect_config;
    balancer::RedirectSpec redirect;
    const auto take = [](std::string& to, const std::optional<std::string>& value) {
      to = value.value_or(to);
    };
    take(redirect.protocol, from.protocol);
    take(redirect.host, from.host);
    take(redirect.port, from.port);
    take(redirect.path, from.path);
    take(redirect.query, from.query);
    redirect.status = from.status_code == "HTTP_302" ? 302 : 301;
    return redirect;
  }
  if (action.fixed_response_config) {
    const wire::FixedResponseActionConfig& from = *action.fixed_response_config;
    return balancer::FixedResponseSpec{
        static_cast<int>(util::parse_int(from.status_code).value_or(503)),
        from.content_type.value_or(""),
        from.message_body.value_or("")};
  }
  balancer::ForwardSpec forward{forwards_of(action), std::chrono::seconds(0)};
  const auto& config = action.forward_config;
  if (config && config->target_group_stickiness_config &&
      config->target_group_stickiness_config->enabled.value_or(false)) {
    forward.group_stickiness =
        std::chrono::seconds(config->target_group_stickiness_config->duration_seconds.value_or(0));
  }
  return forward;
}

namespace {

const std::vector<wire::RewriteConfig>& rewrites_in(const wire::RuleTransform& transform) {
  static const std::vector<wire::RewriteConfig> kNone;
  if (transform.type == "url-rewrite") {
    return transform.url_rewrite_config ? transform.url_rewrite_config->rewrites : kNone;
  }
  return transform.host_header_rewrite_config ? transform.host_header_rewrite_config->rewrites
                                              : kNone;
}

}  // namespace

std::optional<ApiError> check_transforms(const std::vector<wire::RuleTransform>& transforms) {
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    const auto& rewrites = rewrites_in(transforms[i]);
    if (rewrites.size() != 1) {
      return validation_error("A '" + transforms[i].type +
                              "' transform must have exactly one rewrite");
    }
    if (auto problem = check_regex(rewrites.front().regex)) {
      return problem;
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (transforms[k].type == transforms[i].type) {
        return validation_error("A rule can only have one '" + transforms[i].type + "' transform");
      }
    }
  }
  return std::nullopt;
}

std::vector<balancer::Rewrite> rewrites_of(const std::vector<wire::RuleTransform>& transforms) {
  std::vector<balancer::Rewrite> out;
  for (const wire::RuleTransform& transform : transforms) {
    for (const wire::RewriteConfig& rewrite : rewrites_in(transform)) {
      if (auto regex = balancer::Regex::compile(rewrite.regex)) {
        out.push_back({transform.type == "url-rewrite" ? balancer::Rewrite::What::url
                                                       : balancer::Rewrite::What::host,
                       std::move(regex),
                       rewrite.replace});
      }
    }
  }
  return out;
}

void sort_by_priority(std::vector<wire::Rule>& rules) {
  std::ranges::stable_sort(rules, {}, priority_of);
}

bool may_forward(std::string_view listener_protocol, std::string_view group_protocol) {
  if (listener_protocol == "HTTP" || listener_protocol == "HTTPS") {
    return group_protocol == "HTTP" || group_protocol == "HTTPS";
  }
  if (listener_protocol == "TCP") {
    return group_protocol == "TCP" || group_protocol == "TCP_UDP";
  }
  if (listener_protocol == "TLS") {
    return group_protocol == "TCP" || group_protocol == "TLS";
  }
  if (listener_protocol == "UDP") {
    return group_protocol == "UDP" || group_protocol == "TCP_UDP";
  }
  return listener_protocol == "TCP_UDP" && group_protocol == "TCP_UDP";
}

}  // namespace local::elbv2
