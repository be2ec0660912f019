#include <algorithm>
#include <set>
#include <utility>

#include "local/actions/elbv2.hpp"
#include "local/actions/elbv2_rules.hpp"

namespace local::elbv2 {

namespace {

constexpr std::size_t kRulesOfListener = 100;  // without the default one

ApiError no_rule() {
  return {"RuleNotFound", "One or more rules not found", 400};
}

ApiError priority_in_use(const std::string& priority) {
  return {"PriorityInUse", "Priority '" + priority + "' is currently in use", 400};
}

ApiError default_rule_stays(const std::string& arn, std::string_view what) {
  return {
      "OperationNotPermitted", "Default rule '" + arn + "' cannot be " + std::string(what), 400};
}

bool has_priority(const Listener& record, const std::string& priority) {
  return std::ranges::any_of(record.rules,
                             [&](const wire::Rule& rule) { return rule.priority == priority; });
}

std::vector<wire::RuleCondition> all_normalised(
    const std::vector<wire::RuleCondition>& conditions) {
  std::vector<wire::RuleCondition> out;
  for (const wire::RuleCondition& condition : conditions) {
    out.push_back(normalised(condition));
  }
  return out;
}

}  // namespace

std::vector<wire::Action> normalised_all(const std::vector<wire::Action>& actions,
                                         bool application) {
  std::vector<wire::Action> out;
  for (const wire::Action& action : actions) {
    out.push_back(normalised(action, application));
  }
  return out;
}

util::Result<Elbv2::FoundRule, ApiError> Elbv2::rule(const std::string& arn) {
  if (arn.find(":listener-rule/") == std::string::npos) {
    return util::unexpected(validation_error("'" + arn + "' is not a valid listener rule ARN"));
  }
  for (auto& [listener_arn, record] : listeners_) {
    const auto at = std::ranges::find(record.rules, std::optional(arn), &wire::Rule::rule_arn);
    if (at != record.rules.end()) {
      return FoundRule{&record, static_cast<std::size_t>(at - record.rules.begin())};
    }
  }
  return util::unexpected(no_rule());
}

util::Result<wire::CreateRuleResponse, ApiError> Elbv2::create(
    const wire::CreateRuleRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  Listener& record = **found;
  const LoadBalancer& owner = load_balancers_.at(record.load_balancer());
  if (!owner.is_application()) {
    return util::unexpected(
        validation_error("Rules are unsupported for Network Load Balancer listeners"));
  }
  if (auto problem = check_transforms(request.transforms)) {
    return util::unexpected(*problem);
  }
  if (auto problem = check_conditions(request.conditions)) {
    return util::unexpected(*problem);
  }
  if (auto problem = check_actions(owner, record.shape.protocol.value_or(""), request.actions)) {
    return util::unexpected(*problem);
  }
  const std::string priority = std::to_string(request.priority);
  if (has_priority(record, priority)) {
    return util::unexpected(priority_in_use(priority));
  }
  if (record.rules.size() > kRulesOfListener) {
    return util::unexpected(
        ApiError{"TooManyRules", "The maximum number of rules on a load balancer is '100'", 400});
  }
  wire::Rule rule;
  const std::string base = record.rules.back().rule_arn.value_or("");
  rule.rule_arn = base.substr(0, base.rfind('/') + 1) + context_.ids.hex(16);
  rule.priority = priority;
  rule.conditions = all_normalised(request.conditions);
  rule.actions = normalised_all(request.actions, true);
  rule.transforms = request.transforms;
  rule.is_default = false;
  record.rules.push_back(rule);
  sort_by_priority(record.rules);
  if (!request.tags.empty()) {
    record.rule_tags[*rule.rule_arn] = request.tags;
  }
  save(record);
  apply();
  wire::CreateRuleResponse response;
  response.rules.push_back(std::move(rule));
  return response;
}

util::Result<wire::ModifyRuleResponse, ApiError> Elbv2::modify(
    const wire::ModifyRuleRequest& request) {
  const auto found = rule(request.rule_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  Listener& record = *found->listener;
  wire::Rule& rule = record.rules[found->index];
  if (rule.is_default.value_or(false)) {
    return util::unexpected(default_rule_stays(request.rule_arn, "modified"));
  }
  if (auto problem = check_transforms(request.transforms)) {
    return util::unexpected(*problem);
  }
  if (!request.conditions.empty()) {
    if (auto problem = check_conditions(request.conditions)) {
      return util::unexpected(*problem);
    }
  }
  if (!request.actions.empty()) {
    const LoadBalancer& owner = load_balancers_.at(record.load_balancer());
    if (auto problem = check_actions(owner, record.shape.protocol.value_or(""), request.actions)) {
      return util::unexpected(*problem);
    }
    rule.actions = normalised_all(request.actions, true);
  }
  if (!request.conditions.empty()) {
    rule.conditions = all_normalised(request.conditions);
  }
  if (!request.transforms.empty() || request.reset_transforms.value_or(false)) {
    rule.transforms = request.transforms;
  }
  save(record);
  apply();
  wire::ModifyRuleResponse response;
  response.rules.push_back(rule);
  return response;
}

util::Result<wire::DeleteRuleResponse, ApiError> Elbv2::remove(
    const wire::DeleteRuleRequest& request) {
  const auto found = rule(request.rule_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  Listener& record = *found->listener;
  if (record.rules[found->index].is_default.value_or(false)) {
    return util::unexpected(default_rule_stays(request.rule_arn, "deleted"));
  }
  record.rules.erase(record.rules.begin() + static_cast<std::ptrdiff_t>(found->index));
  record.rule_tags.erase(request.rule_arn);
  save(record);
  apply();
  return wire::DeleteRuleResponse{};
}

util::Result<wire::SetRulePrioritiesResponse, ApiError> Elbv2::set(
    const wire::SetRulePrioritiesRequest& request) {
  std::map<std::string, std::string> wanted;  // rule -> priority
  Listener* record = nullptr;
  for (const wire::RulePriorityPair& pair : request.rule_priorities) {
    const auto found = rule(pair.rule_arn.value_or(""));
    if (!found) {
      return util::unexpected(found.error());
    }
    if (found->listener->rules[found->index].is_default.value_or(false)) {
      return util::unexpected(default_rule_stays(*pair.rule_arn, "modified"));
    }
    if (record != nullptr && record != found->listener) {
      return util::unexpected(validation_error("All rules must belong to the same listener"));
    }
    record = found->listener;
    wanted[*pair.rule_arn] = std::to_string(pair.priority.value_or(0));
  }
  wire::SetRulePrioritiesResponse response;
  if (record == nullptr) {
    return response;
  }
  std::vector<wire::Rule> rules = record->rules;
  std::set<std::string> seen;
  for (wire::Rule& rule : rules) {
    const auto change = wanted.find(rule.rule_arn.value_or(""));
    rule.priority = change == wanted.end() ? rule.priority : change->second;
  }
  for (const wire::Rule& rule : rules) {
    if (!seen.insert(rule.priority.value_or("")).second) {
      return util::unexpected(priority_in_use(rule.priority.value_or("")));
    }
  }
  sort_by_priority(rules);
  record->rules = std::move(rules);
  save(*record);
  apply();
  for (const wire::Rule& rule : record->rules) {
    if (wanted.contains(rule.rule_arn.value_or(""))) {
      response.rules.push_back(rule);
    }
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
    const auto found = rule(arn);
    if (!found) {
      return util::unexpected(found.error());
    }
    all.push_back(found->listener->rules[found->index]);
  }
  wire::DescribeRulesResponse response;
  response.rules = page(std::move(all), request.marker, request.page_size, response.next_marker);
  return response;
}

void Elbv2::add_rule_actions(ActionTable& table) {
  add<wire::CreateRuleRequest>(table, &Elbv2::create);
  add<wire::ModifyRuleRequest>(table, &Elbv2::modify);
  add<wire::DeleteRuleRequest>(table, &Elbv2::remove);
  add<wire::SetRulePrioritiesRequest>(table, &Elbv2::set);
  add<wire::DescribeRulesRequest>(table, &Elbv2::describe);
}

}  // namespace local::elbv2
