#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "cloudformation/check_parts.hpp"
#include "cloudformation/intrinsics.hpp"

namespace cloudformation {
namespace {

constexpr std::string_view kListener = "AWS::ElasticLoadBalancingV2::Listener";
constexpr std::string_view kRule = "AWS::ElasticLoadBalancingV2::ListenerRule";
constexpr std::string_view kLoadBalancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";
constexpr std::string_view kTargetGroup = "AWS::ElasticLoadBalancingV2::TargetGroup";

bool is_http(std::string_view protocol) {
  return protocol == "HTTP" || protocol == "HTTPS";
}

// "network" or "application"; nothing when a function decides it.
std::optional<std::string> type_of(const Resource& load_balancer) {
  const doc::Node* type = property(load_balancer, "Type");
  return type == nullptr ? std::optional<std::string>("application") : literal_text(type);
}

// Does a listener of this protocol take this port from another one?
bool clashes(std::string_view a, std::string_view b) {
  const auto transport = [](std::string_view protocol) {
    return protocol == "UDP" || protocol == "QUIC"           ? 1U
           : protocol == "TCP_UDP" || protocol == "TCP_QUIC" ? 3U
                                                             : 2U;
  };
  return (transport(a) & transport(b)) != 0;
}

void check_load_balancer(CheckedTemplate& t, const Resource& resource) {
  const doc::Node* subnets = property(resource, "Subnets");
  const auto& list = items_of(subnets);
  const bool literal = subnets != nullptr && subnets->as_sequence() != nullptr;
  if (type_of(resource) == "application" && literal && list.size() < 2 &&
      std::ranges::none_of(list, [](const doc::Node& n) { return as_call(n).has_value(); })) {
    t.add(resource, "Properties.Subnets", "an application load balancer needs two zones", subnets);
  }
}

// What a listener or rule forwards to, through both spellings of an action.
std::vector<const Resource*> forwarded(const CheckedTemplate& t, const doc::Node* actions) {
  std::vector<const Resource*> out;
  for (const doc::Node& action : items_of(actions)) {
    if (const Resource* group = t.target(action.find("TargetGroupArn"))) {
      out.push_back(group);
    }
    const doc::Node* forward = action.find("ForwardConfig");
    for (const doc::Node& entry :
         items_of(forward == nullptr ? nullptr : forward->find("TargetGroups"))) {
      if (const Resource* group = t.target(entry.find("TargetGroupArn"))) {
        out.push_back(group);
      }
    }
  }
  return out;
}

void check_protocols(CheckedTemplate& t,
                     const Resource& resource,
                     const Resource& load_balancer,
                     const doc::Node* actions) {
  const auto type = type_of(load_balancer);
  for (const Resource* group : forwarded(t, actions)) {
    const auto protocol = literal_text(property(*group, "Protocol"));
    if (type && protocol && group->type == kTargetGroup &&
        is_http(*protocol) != (*type == "application")) {
      t.add(resource,
            "Properties",
            "target group `" + group->id.str() + "` of protocol " + *protocol +
                " cannot be behind a load balancer of type " + *type);
    }
  }
}

// Which the schema does not state.
void check_name_length(CheckedTemplate& t, const Resource& resource) {
  constexpr std::size_t kLongest = 32;
  const doc::Node* name = property(resource, "Name");
  if (literal_text(name).value_or("").size() > kLongest) {
    t.add(resource, "Properties.Name", "the name has more than 32 characters", name);
  }
}

class Listeners {
 public:
  explicit Listeners(CheckedTemplate& t) : t_(t) {}

  void add(const Resource& listener) {
    const Resource* balancer = t_.target(property(listener, "LoadBalancerArn"));
    const auto protocol = literal_text(property(listener, "Protocol"));
    const auto port = literal_int(property(listener, "Port"));
    if (balancer == nullptr || balancer->type != kLoadBalancer) {
      return;
    }
    const auto type = type_of(*balancer);
    if (type && protocol && is_http(*protocol) != (*type == "application")) {
      t_.add(listener,
             "Properties.Protocol",
             *protocol + " is no protocol of a load balancer of type " + *type,
             property(listener, "Protocol"));
    }
    if (protocol && (*protocol == "HTTPS" || *protocol == "TLS") &&
        property(listener, "Certificates") == nullptr) {
      t_.add(listener, "Properties", *protocol + " needs `Certificates`");
    }
    check_protocols(t_, listener, *balancer, property(listener, "DefaultActions"));
    if (protocol && port) {
      for (const auto& [other, other_protocol] : ports_[{balancer, *port}]) {
        if (clashes(*protocol, other_protocol)) {
          t_.add(listener,
                 "Properties.Port",
                 "`" + other->id.str() + "` listens on port " + std::to_string(*port) + " already",
                 property(listener, "Port"));
        }
      }
      ports_[{balancer, *port}].emplace_back(&listener, *protocol);
    }
  }

  void add_rule(const Resource& rule) {
    const Resource* listener = t_.target(property(rule, "ListenerArn"));
    const Resource* balancer =
        listener == nullptr ? nullptr : t_.target(property(*listener, "LoadBalancerArn"));
    if (balancer != nullptr && balancer->type == kLoadBalancer) {
      check_protocols(t_, rule, *balancer, property(rule, "Actions"));
    }
    const auto priority = literal_int(property(rule, "Priority"));
    if (listener != nullptr && priority && !priorities_.emplace(listener, *priority).second) {
      t_.add(
          rule,
          "Properties.Priority",
          "another rule of `" + listener->id.str() + "` has priority " + std::to_string(*priority),
          property(rule, "Priority"));
    }
  }

 private:
  using Place = std::pair<const Resource*, std::int64_t>;

  CheckedTemplate& t_;
  std::map<Place, std::vector<std::pair<const Resource*, std::string>>> ports_;
  std::set<Place> priorities_;
};

}  // namespace

void check_load_balancing(CheckedTemplate& t) {
  Listeners listeners(t);
  for (const Resource& resource : t.document().resources) {
    if (resource.type == kLoadBalancer || resource.type == kTargetGroup) {
      check_name_length(t, resource);
    }
    if (resource.type == kLoadBalancer) {
      check_load_balancer(t, resource);
    } else if (resource.type == kListener) {
      listeners.add(resource);
    } else if (resource.type == kRule) {
      listeners.add_rule(resource);
    }
  }
}

}  // namespace cloudformation
