#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/actions/elbv2_records.hpp"
#include "local/api_error.hpp"

namespace local::elbv2 {

// The parts of listener rules: what AWS takes, as AWS shows it, and as the data plane wants it.
// Pure.

std::optional<ApiError> check_conditions(const std::vector<wire::RuleCondition>& conditions);
// Of host-header and path-pattern both spellings are filled in (Values and …Config).
wire::RuleCondition normalised(wire::RuleCondition condition);
std::vector<balancer::Condition> conditions_of(const std::vector<wire::RuleCondition>& conditions);

std::optional<ApiError> check_transforms(const std::vector<wire::RuleTransform>& transforms);
std::vector<balancer::Rewrite> rewrites_of(const std::vector<wire::RuleTransform>& transforms);

// Exactly one action, of a kind that the load balancer has. The target groups of a forward action
// are for the caller to look at.
std::optional<ApiError> check_action_kinds(const std::vector<wire::Action>& actions,
                                           bool application,
                                           std::string_view listener_protocol);
balancer::ActionSpec action_of(const wire::Action& action);

// Rules in the order of their priorities, the default one last.
void sort_by_priority(std::vector<wire::Rule>& rules);

// Which target group protocols a listener may forward to.
bool may_forward(std::string_view listener_protocol, std::string_view group_protocol);

}  // namespace local::elbv2
