#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "awsapi/elbv2.hpp"
#include "doc/node.hpp"
#include "local/balancer/data_plane.hpp"
#include "util/clock.hpp"

namespace local::elbv2 {

// What the load balancing module remembers, as it is stored and as it is shown. Keys are ARNs.

namespace wire = ::awsapi::elbv2;
using Tags = std::vector<wire::Tag>;
using Attributes = std::map<std::string, std::string>;

struct LoadBalancer {
  wire::LoadBalancer shape;
  Tags tags;
  Attributes attributes;
  std::string host;  // the loopback address of its listeners; empty before the first

  [[nodiscard]] const std::string& arn() const { return *shape.load_balancer_arn; }

  [[nodiscard]] bool is_application() const { return shape.type == "application"; }

  [[nodiscard]] doc::Node to_node() const;
  static LoadBalancer from_node(const doc::Node& node);
};

struct Target {
  wire::TargetDescription description;  // the port is filled in
  // Set when it was deregistered: it leaves then, or when its last connection has ended.
  std::optional<util::Clock::TimePoint> draining_until;
  // As the data plane said last; not stored, a new process asks the target again.
  balancer::Health health = balancer::Health::initial;
  std::string reason = "Elb.InitialHealthChecking";
  std::string detail = "Initial health checks in progress";

  // Nobody asks it any more; whoever asks next begins anew.
  void forget_health();
  [[nodiscard]] balancer::TargetAddress address() const;
};

struct TargetGroup {
  wire::TargetGroup shape;  // without the load balancers, which the listeners know
  Tags tags;
  Attributes attributes;
  std::vector<Target> targets;

  [[nodiscard]] const std::string& arn() const { return *shape.target_group_arn; }

  Target* find(const wire::TargetDescription& description);
  Target* find(const balancer::TargetAddress& address);
  [[nodiscard]] doc::Node to_node() const;
  static TargetGroup from_node(const doc::Node& node);
};

struct Listener {
  wire::Listener shape;  // with the default certificate only
  Tags tags;
  Attributes attributes;
  std::vector<wire::Rule> rules;          // by priority, the default one last
  std::map<std::string, Tags> rule_tags;  // by the rule's ARN
  std::vector<std::string> certificates;  // beside the default one
  std::int64_t bound_port = 0;            // where it really listens; 0: at its own port
  bool open = false;                      // not stored: the data plane listens

  // Where clients find it.
  [[nodiscard]] std::int64_t real_port() const {
    return bound_port != 0 ? bound_port : shape.port.value_or(0);
  }

  [[nodiscard]] const std::string& arn() const { return *shape.listener_arn; }

  [[nodiscard]] const std::string& load_balancer() const { return *shape.load_balancer_arn; }

  [[nodiscard]] doc::Node to_node() const;
  static Listener from_node(const doc::Node& node);
};

// The target groups an action forwards to, with their weights; none for other actions.
std::vector<balancer::WeightedGroup> forwards_of(const wire::Action& action);
// Both spellings filled in (TargetGroupArn and ForwardConfig), as AWS answers.
wire::Action normalised(wire::Action action, bool application);

}  // namespace local::elbv2
