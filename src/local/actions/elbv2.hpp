#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/elbv2.hpp"
#include "local/action_table.hpp"
#include "local/actions/certificate_source.hpp"
#include "local/actions/elbv2_records.hpp"
#include "local/api_error.hpp"
#include "local/balancer/data_plane.hpp"
#include "local/context.hpp"
#include "util/result.hpp"

namespace local::elbv2 {

// Elastic Load Balancing v2: load balancers, listeners, target groups and their targets as records,
// and the data plane (local/balancer) kept in step with them. What the data plane cannot do is
// refused by name.
class Elbv2 {
 public:
  Elbv2(Context& context,
        const ActionTable& actions,
        CertificateSource& certificates,
        balancer::DataPlane& data_plane);
  Elbv2(const Elbv2&) = delete;
  Elbv2& operator=(const Elbv2&) = delete;

  void add_actions(ActionTable& table);
  // Reads the records, listens again and asks every target anew.
  void restore();

  // The load balancers whose listeners show this certificate.
  [[nodiscard]] std::vector<std::string> users_of_certificate(const std::string& certificate) const;

  // Certificates were renewed: listeners show the new ones.
  void certificates_changed() { apply(); }

  // From the data plane, on the control thread.
  void health_changed(const balancer::HealthChange& change);
  void drained(const std::string& group, const balancer::TargetAddress& target);

  // Called on the control thread after a target of this group changed its state or left. For the
  // ECS scheduler, so that it need not poll.
  void on_targets_changed(std::function<void(const std::string& target_group_arn)> observer) {
    observer_ = std::move(observer);
  }

 private:
  template <class Response>
  using Answer = util::Result<Response, ApiError>;
  template <class Request>
  using AnswerTo = Answer<typename Request::Response>;
  using Problem = std::optional<ApiError>;

  template <class Request>
  void add(ActionTable& table, AnswerTo<Request> (Elbv2::*handler)(const Request&)) {
    table.add<Request>(
        [this, handler](const Request& request) { return (this->*handler)(request); });
  }

  void add_load_balancer_actions(ActionTable& table);
  void add_listener_actions(ActionTable& table);
  void add_rule_actions(ActionTable& table);
  void add_certificate_actions(ActionTable& table);
  void add_target_group_actions(ActionTable& table);
  void add_target_actions(ActionTable& table);
  void add_tag_actions(ActionTable& table);

  // clang-format off
  AnswerTo<wire::CreateLoadBalancerRequest> create(const wire::CreateLoadBalancerRequest& request);
  AnswerTo<wire::DeleteLoadBalancerRequest> remove(const wire::DeleteLoadBalancerRequest& request);
  AnswerTo<wire::DescribeLoadBalancersRequest> describe(const wire::DescribeLoadBalancersRequest& request);
  AnswerTo<wire::DescribeLoadBalancerAttributesRequest> describe(const wire::DescribeLoadBalancerAttributesRequest& request);
  AnswerTo<wire::ModifyLoadBalancerAttributesRequest> modify(const wire::ModifyLoadBalancerAttributesRequest& request);
  AnswerTo<wire::SetSecurityGroupsRequest> set(const wire::SetSecurityGroupsRequest& request);
  AnswerTo<wire::SetSubnetsRequest> set(const wire::SetSubnetsRequest& request);

  AnswerTo<wire::CreateListenerRequest> create(const wire::CreateListenerRequest& request);
  AnswerTo<wire::DeleteListenerRequest> remove(const wire::DeleteListenerRequest& request);
  AnswerTo<wire::ModifyListenerRequest> modify(const wire::ModifyListenerRequest& request);
  AnswerTo<wire::DescribeListenersRequest> describe(const wire::DescribeListenersRequest& request);
  AnswerTo<wire::DescribeListenerAttributesRequest> describe(const wire::DescribeListenerAttributesRequest& request);
  AnswerTo<wire::ModifyListenerAttributesRequest> modify(const wire::ModifyListenerAttributesRequest& request);

  AnswerTo<wire::CreateRuleRequest> create(const wire::CreateRuleRequest& request);
  AnswerTo<wire::ModifyRuleRequest> modify(const wire::ModifyRuleRequest& request);
  AnswerTo<wire::DeleteRuleRequest> remove(const wire::DeleteRuleRequest& request);
  AnswerTo<wire::SetRulePrioritiesRequest> set(const wire::SetRulePrioritiesRequest& request);
  AnswerTo<wire::DescribeRulesRequest> describe(const wire::DescribeRulesRequest& request);

  AnswerTo<wire::AddListenerCertificatesRequest> add_certificates(const wire::AddListenerCertificatesRequest& request);
  AnswerTo<wire::RemoveListenerCertificatesRequest> remove_certificates(const wire::RemoveListenerCertificatesRequest& request);
  AnswerTo<wire::DescribeListenerCertificatesRequest> describe(const wire::DescribeListenerCertificatesRequest& request);

  AnswerTo<wire::CreateTargetGroupRequest> create(const wire::CreateTargetGroupRequest& request);
  AnswerTo<wire::DeleteTargetGroupRequest> remove(const wire::DeleteTargetGroupRequest& request);
  AnswerTo<wire::ModifyTargetGroupRequest> modify(const wire::ModifyTargetGroupRequest& request);
  AnswerTo<wire::DescribeTargetGroupsRequest> describe(const wire::DescribeTargetGroupsRequest& request);
  AnswerTo<wire::DescribeTargetGroupAttributesRequest> describe(const wire::DescribeTargetGroupAttributesRequest& request);
  AnswerTo<wire::ModifyTargetGroupAttributesRequest> modify(const wire::ModifyTargetGroupAttributesRequest& request);

  AnswerTo<wire::RegisterTargetsRequest> enlist(const wire::RegisterTargetsRequest& request);
  AnswerTo<wire::DeregisterTargetsRequest> dismiss(const wire::DeregisterTargetsRequest& request);
  AnswerTo<wire::DescribeTargetHealthRequest> describe(const wire::DescribeTargetHealthRequest& request);

  AnswerTo<wire::DescribeTagsRequest> describe(const wire::DescribeTagsRequest& request);
  AnswerTo<wire::AddTagsRequest> add_tags(const wire::AddTagsRequest& request);
  AnswerTo<wire::RemoveTagsRequest> remove_tags(const wire::RemoveTagsRequest& request);
  // clang-format on

  // Found, or the error to answer with.
  Answer<LoadBalancer*> load_balancer(const std::string& arn);
  Answer<Listener*> listener(const std::string& arn);
  Answer<TargetGroup*> target_group(const std::string& arn);

  struct FoundRule {
    Listener* listener;
    std::size_t index;
  };

  Answer<FoundRule> rule(const std::string& arn);
  Tags* tags_of(const std::string& arn);
  void save_by_arn(const std::string& arn);

  Answer<std::vector<wire::AvailabilityZone>> zones_of(const std::vector<std::string>& subnets,
                                                       std::string& vpc);
  Problem check_actions(const LoadBalancer& owner,
                        std::string_view listener_protocol,
                        const std::vector<wire::Action>& actions);
  Problem check_listener(const LoadBalancer& owner, const Listener& record);
  Problem check_certificates(const std::vector<wire::Certificate>& wanted);
  [[nodiscard]] wire::LoadBalancer shown(const LoadBalancer& balancer) const;
  [[nodiscard]] wire::TargetGroup shown(const TargetGroup& group) const;
  [[nodiscard]] wire::TargetHealth health_of(const TargetGroup& group, const Target& target) const;
  // The load balancers whose listeners forward to this group.
  [[nodiscard]] std::vector<std::string> users_of(const std::string& group) const;

  Answer<std::string> open(Listener& listener, LoadBalancer& owner);
  void open_again(const std::string& listener);
  void set_drain_timer(const std::string& group, const Target& target);
  void drop(TargetGroup& group, const balancer::TargetAddress& target);
  void apply();
  [[nodiscard]] balancer::ListenerSpec spec_of(const Listener& record);
  [[nodiscard]] balancer::GroupSpec spec_of(const TargetGroup& group) const;
  [[nodiscard]] std::string redirect_port(const Listener& from, const std::string& port) const;
  [[nodiscard]] std::vector<std::shared_ptr<const balancer::KeyPair>> key_pairs_of(
      const Listener& record);
  [[nodiscard]] balancer::HealthCheck check_of(const TargetGroup& group) const;
  [[nodiscard]] std::chrono::milliseconds scaled(std::int64_t seconds) const;

  void erase_listener(const std::string& arn);
  void erase_record(const std::string& arn);
  void save(const LoadBalancer& record);
  void save(const Listener& record);
  void save(const TargetGroup& record);

  Context& context_;
  const ActionTable& actions_;
  CertificateSource& certificates_;
  balancer::DataPlane& data_plane_;
  std::function<void(const std::string&)> observer_;
  std::map<std::string, LoadBalancer> load_balancers_;
  std::map<std::string, Listener> listeners_;
  std::map<std::string, TargetGroup> target_groups_;
};

ApiError validation_error(std::string message);
balancer::ListenerKind kind_of(std::string_view protocol);
std::vector<wire::Action> normalised_all(const std::vector<wire::Action>& actions,
                                         bool application);

// One page of `items`; markers are positions.
template <class T>
std::vector<T> page(std::vector<T> items,
                    const std::optional<std::string>& marker,
                    const std::optional<std::int64_t>& size,
                    std::optional<std::string>& next) {
  std::size_t begin = 0;
  for (const char c : marker.value_or("")) {
    begin = c >= '0' && c <= '9' ? begin * 10 + static_cast<std::size_t>(c - '0') : begin;
  }
  begin = std::min(begin, items.size());
  const auto count = static_cast<std::size_t>(size.value_or(400));
  const std::size_t end = begin + std::min(count, items.size() - begin);
  if (end < items.size()) {
    next = std::to_string(end);
  }
  const auto at = [&](std::size_t i) { return items.begin() + static_cast<std::ptrdiff_t>(i); };
  return {std::make_move_iterator(at(begin)), std::make_move_iterator(at(end))};
}

}  // namespace local::elbv2

namespace local {
using elbv2::Elbv2;
}
