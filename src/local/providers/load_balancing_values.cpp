// What a template asks of load balancing that the engine does not do, found before anything is
// made. Values that only a running stack knows (Ref, Fn::…) are left to the operations.
#include <algorithm>

#include "local/actions/elbv2_attributes.hpp"
#include "local/balancer/regex.hpp"
#include "local/providers/api_call.hpp"
#include "local/providers/provider.hpp"

namespace local {
namespace {

using Found = std::optional<std::string>;  // "/<path>: <what>"; below a value ": <what>"

// A literal text below `node`; empty when there is none.
std::string literal(const doc::Node& node, std::string_view name) {
  const doc::Node* value = node.find(name);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

template <class Check>
Found first_of(const doc::Node& node, std::string_view name, Check check) {
  const doc::Node* value = node.find(name);
  const doc::Sequence* list = value == nullptr ? nullptr : value->as_sequence();
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    if (Found found = check(list->items[i])) {
      return "/" + std::string(name) + "/" + std::to_string(i) + *found;
    }
  }
  return std::nullopt;
}

Found one_of(const doc::Node& node,
             std::string_view name,
             std::initializer_list<std::string_view> known) {
  const std::string value = literal(node, name);
  if (value.empty() || std::ranges::find(known, value) != known.end()) {
    return std::nullopt;
  }
  return "/" + std::string(name) + ": the local engine does not do '" + value + "'";
}

Found attributes_not_done(const doc::Node& node, std::string_view name, elbv2::AttributesOf owner) {
  return first_of(node, name, [&](const doc::Node& attribute) -> Found {
    const std::string key = literal(attribute, "Key");
    const doc::Node* value = attribute.find("Value");
    if (key.empty() || value == nullptr || value->as_mapping() != nullptr) {
      return std::nullopt;
    }
    const auto problem = elbv2::check_attribute(owner, key, text_property(attribute, "Value"));
    return problem ? Found(": " + problem->message) : std::nullopt;
  });
}

Found actions_not_done(const doc::Node& node, std::string_view name) {
  return first_of(node, name, [](const doc::Node& action) {
    return one_of(action, "Type", {"forward", "redirect", "fixed-response"});
  });
}

Found regex_not_done(const doc::Node& regex) {
  const std::string* text = regex.as_string();
  if (text == nullptr || balancer::Regex::compile(*text) != nullptr) {
    return std::nullopt;
  }
  return ": the local engine does not do the regular expression '" + *text + "'";
}

Found conditions_not_done(const doc::Node& condition) {
  if (Found found = first_of(condition, "RegexValues", regex_not_done)) {
    return found;
  }
  for (const std::string_view config :
       {"HostHeaderConfig", "PathPatternConfig", "HttpHeaderConfig"}) {
    const doc::Node* node = condition.find(config);
    Found found = node == nullptr ? std::nullopt : first_of(*node, "RegexValues", regex_not_done);
    if (found) {
      return "/" + std::string(config) + *found;
    }
  }
  return std::nullopt;
}

Found transforms_not_done(const doc::Node& transform) {
  for (const std::string_view config : {"UrlRewriteConfig", "HostHeaderRewriteConfig"}) {
    const doc::Node* node = transform.find(config);
    Found found =
        node == nullptr ? std::nullopt : first_of(*node, "Rewrites", [](const doc::Node& rewrite) {
          const doc::Node* regex = rewrite.find("Regex");
          const Found bad = regex == nullptr ? std::nullopt : regex_not_done(*regex);
          return bad ? Found("/Regex" + *bad) : std::nullopt;
        });
    if (found) {
      return "/" + std::string(config) + *found;
    }
  }
  return std::nullopt;
}

Found balancer_not_done(const doc::Node& properties) {
  if (Found found = one_of(properties, "Type", {"application", "network"})) {
    return found;
  }
  const std::string type = literal(properties, "Type");
  return attributes_not_done(properties,
                             "LoadBalancerAttributes",
                             elbv2::attributes_of_balancer(type.empty() ? "application" : type));
}

Found group_not_done(const doc::Node& properties) {
  if (Found found =
          one_of(properties, "Protocol", {"HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"})) {
    return found;
  }
  if (Found found = one_of(properties, "ProtocolVersion", {"HTTP1"})) {
    return found;
  }
  if (Found found = one_of(properties, "TargetType", {"ip"})) {
    return found;
  }
  const std::string protocol = literal(properties, "Protocol");
  return protocol.empty()
             ? std::nullopt
             : attributes_not_done(
                   properties, "TargetGroupAttributes", elbv2::attributes_of_group(protocol));
}

Found listener_not_done(const doc::Node& properties) {
  if (Found found =
          one_of(properties, "Protocol", {"HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"})) {
    return found;
  }
  if (const doc::Node* mutual = properties.find("MutualAuthentication")) {
    if (Found found = one_of(*mutual, "Mode", {"off"})) {
      return "/MutualAuthentication" + *found;
    }
  }
  if (Found found = actions_not_done(properties, "DefaultActions")) {
    return found;
  }
  const std::string protocol = literal(properties, "Protocol");
  return protocol.empty()
             ? std::nullopt
             : attributes_not_done(
                   properties, "ListenerAttributes", elbv2::attributes_of_listener(protocol));
}

Found rule_not_done(const doc::Node& properties) {
  if (Found found = actions_not_done(properties, "Actions")) {
    return found;
  }
  if (Found found = first_of(properties, "Conditions", conditions_not_done)) {
    return found;
  }
  return first_of(properties, "Transforms", transforms_not_done);
}

}  // namespace

std::optional<std::string> unsupported_balancing(std::string_view type,
                                                 const doc::Node& properties) {
  if (type == "AWS::ElasticLoadBalancingV2::LoadBalancer") {
    return balancer_not_done(properties);
  }
  if (type == "AWS::ElasticLoadBalancingV2::TargetGroup") {
    return group_not_done(properties);
  }
  if (type == "AWS::ElasticLoadBalancingV2::Listener") {
    return listener_not_done(properties);
  }
  if (type == "AWS::ElasticLoadBalancingV2::ListenerRule") {
    return rule_not_done(properties);
  }
  if (type == "AWS::CertificateManager::Certificate" &&
      properties.find("CertificateAuthorityArn") != nullptr) {
    return "/CertificateAuthorityArn: the local engine has no private certificate authorities";
  }
  return std::nullopt;
}

}  // namespace local
