#include "convert/listener_rules.hpp"

#include <algorithm>
#include <map>

#include "convert/balancers.hpp"
#include "convert/rule_priority.hpp"

namespace convert {
namespace {

constexpr std::size_t kMostValues = 5;   // ELB: condition values per rule
constexpr std::size_t kMostRules = 100;  // ELB: rules per load balancer
constexpr std::string_view kEveryPath = "/*";

std::vector<std::string> values_of(const compose::TextList& texts) {
  std::vector<std::string> out;
  for (const compose::Text& text : texts) {
    out.push_back(text.value);
  }
  return out;
}

std::vector<std::vector<std::string>> chunks(const std::vector<std::string>& all,
                                             std::size_t size) {
  std::vector<std::vector<std::string>> out;
  for (std::size_t i = 0; i < all.size(); i += size) {
    const std::size_t end = std::min(i + size, all.size());
    out.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(i),
                     all.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return out.empty() ? std::vector<std::vector<std::string>>(1) : out;
}

bool strips(const PublishedPort& port) {
  return port.ingress.strip_prefix && port.ingress.strip_prefix->value;
}

doc::Node texts_node(const std::vector<std::string>& texts) {
  doc::Sequence out;
  for (const std::string& text : texts) {
    out.items.emplace_back(text);
  }
  return doc::Node(std::move(out));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(".^$|()[]{}+\\").find(c) != std::string_view::npos) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

// "/api/*": /api/users becomes /users, and /api becomes /.
doc::Node strip_transform(const std::string& path) {
  std::string prefix = path.substr(0, path.find('*'));
  while (prefix.ends_with('/')) {
    prefix.pop_back();
  }
  doc::Node rewrite =
      Fields().add("Regex", "^" + escaped(prefix) + "/?(.*)$").add("Replace", "/$1").node();
  return Fields()
      .add("Type", "url-rewrite")
      .add("UrlRewriteConfig", Fields().add("Rewrites", items(std::move(rewrite))).node())
      .node();
}

void check_strip(Builder& builder, const PublishedPort& port) {
  if (!strips(port)) {
    return;
  }
  const bool fits =
      !port.ingress.paths.empty() &&
      std::all_of(port.ingress.paths.begin(), port.ingress.paths.end(), [](const auto& path) {
        return path.value.find_first_of("*?") == path.value.size() - 1 && path.value.ends_with('*');
      });
  if (!fits) {
    builder.error("convert.bad-ingress",
                  port.ingress.strip_prefix->span,
                  "`strip_prefix` needs `paths` that end with their only `*`, like `/api/*`");
  }
}

doc::Node forward_action(const PublishedPort& port) {
  doc::Node target = Fields()
                         .add("TargetGroupArn", cloudformation::ref(port.id("TargetGroup").str()))
                         .add("Weight", 1)
                         .node();
  return Fields()
      .add("Type", "forward")
      .add("ForwardConfig", Fields().add("TargetGroups", items(std::move(target))).node())
      .node();
}

struct Rule {
  const PublishedPort* port;
  RuleConditions conditions;
  std::size_t index;
  std::int64_t priority = 0;
};

bool is_every_request(const RuleConditions& conditions) {
  return conditions.hosts.empty() && conditions.paths.size() == 1 &&
         conditions.paths.front() == kEveryPath;
}

bool hosts_meet(const Rule& a, const Rule& b) {
  return (a.conditions.hosts.empty() && b.conditions.hosts.empty()) ||
         std::any_of(
             a.conditions.hosts.begin(), a.conditions.hosts.end(), [&](const std::string& host) {
               return std::find(b.conditions.hosts.begin(), b.conditions.hosts.end(), host) !=
                      b.conditions.hosts.end();
             });
}

bool is_hidden_by(const Rule& narrow, const Rule& wide) {
  if (wide.priority > narrow.priority || !hosts_meet(narrow, wide)) {
    return false;
  }
  return std::any_of(
      narrow.conditions.paths.begin(), narrow.conditions.paths.end(), [&](const auto& path) {
        return std::any_of(wide.conditions.paths.begin(),
                           wide.conditions.paths.end(),
                           [&](const auto& other) { return is_narrower(path, other); });
      });
}

RulePriorities number_rules(std::vector<Rule>& rules) {
  RulePriorities priorities;
  for (Rule& rule : rules) {
    if (rule.port->ingress.priority) {
      rule.priority = rule.port->ingress.priority->value + static_cast<std::int64_t>(rule.index);
      priorities.reserve(rule.priority);
    }
  }
  for (Rule& rule : rules) {
    if (rule.priority == 0) {
      const bool every = is_every_request(rule.conditions);
      rule.priority =
          priorities.assign(rule.port->service->name + "/" + std::to_string(rule.port->target) +
                                "/" + std::to_string(rule.index),
                            rule.conditions.hosts,
                            every ? std::vector<std::string>() : rule.conditions.paths);
    }
  }
  return priorities;
}

// The rules of one listener.
class ListenerRules {
 public:
  explicit ListenerRules(Builder& builder) : builder_(builder) {}

  void add(const PublishedPort& port) {
    check_strip(builder_, port);
    const std::vector<RuleConditions> all = rule_conditions(port);
    for (std::size_t i = 0; i < all.size(); ++i) {
      rules_.push_back({&port, all[i], i});
    }
  }

  void finish() {
    if (rules_.size() > kMostRules) {
      builder_.error("convert.too-many-rules",
                     rules_[kMostRules].port->span,
                     "port " + std::to_string(rules_.front().port->published) + " needs " +
                         std::to_string(rules_.size()) + " rules: a load balancer has at most 100");
      return;
    }
    number_rules(rules_);
    check_order();
    for (const Rule& rule : rules_) {
      write(rule);
    }
  }

 private:
  void check_order() {
    std::map<std::int64_t, const Rule*> by_priority;
    for (const Rule& rule : rules_) {
      const auto [at, is_new] = by_priority.emplace(rule.priority, &rule);
      if (!is_new) {
        report(rule, *at->second, "has the priority of another rule");
      }
    }
    for (const Rule& rule : rules_) {
      const auto wide = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& other) {
        return &other != &rule && is_hidden_by(rule, other);
      });
      if (wide != rules_.end()) {
        report(rule, *wide, "comes after a rule that takes its requests");
      }
    }
  }

  void report(const Rule& rule, const Rule& other, const std::string& what) {
    builder_.report({diag::Severity::error,
                     "convert.rule-order",
                     "the rule of `" + rule.port->service->name + "` on port " +
                         std::to_string(rule.port->published) + " " + what,
                     rule.port->span,
                     {{other.port->span, "the rule of `" + other.port->service->name + "`"}},
                     "set `x-aws-ingress.priority` of one of them: lower numbers come first"});
  }

  void write(const Rule& rule) {
    const compose::Project& project = builder_.project();
    doc::Node listener = existing_listener(project, rule.port->published);
    if (!listener.is_null() && is_every_request(rule.conditions)) {
      builder_.error("convert.bad-ingress",
                     rule.port->span,
                     "`" + rule.port->service->name +
                         "` would take every request of a listener that others use",
                     "add `hosts` or `paths` to its `x-aws-ingress`");
    }
    if (listener.is_null()) {
      listener = cloudformation::ref("Port" + std::to_string(rule.port->published) + "Listener");
    }
    Fields properties;
    properties.add("ListenerArn", std::move(listener))
        .add("Priority", rule.priority)
        .add("Conditions", conditions_node(rule.conditions))
        .add("Actions", items(forward_action(*rule.port)));
    if (strips(*rule.port)) {
      properties.add("Transforms", items(strip_transform(rule.conditions.paths.front())));
    }
    builder_.add(resource(rule_id(*rule.port, rule.index),
                          "AWS::ElasticLoadBalancingV2::ListenerRule",
                          std::move(properties),
                          rule.port->span));
  }

  Builder& builder_;
  std::vector<Rule> rules_;
};

}  // namespace

std::vector<RuleConditions> rule_conditions(const PublishedPort& port) {
  const std::vector<std::string> hosts = values_of(port.ingress.hosts);
  const std::vector<std::string> paths = values_of(port.ingress.paths);
  if (hosts.empty() && paths.empty()) {
    return {{{}, {std::string(kEveryPath)}}};
  }
  std::size_t paths_a_rule = strips(port) ? 1 : paths.size();
  if (hosts.size() + paths_a_rule > kMostValues) {
    paths_a_rule = hosts.empty() ? std::min(paths_a_rule, kMostValues)
                                 : std::min<std::size_t>(paths_a_rule, 2);
  }
  const std::size_t hosts_a_rule = kMostValues - (paths.empty() ? 0 : paths_a_rule);
  std::vector<RuleConditions> out;
  for (const auto& some_hosts : chunks(hosts, hosts_a_rule)) {
    for (const auto& some_paths : chunks(paths, std::max<std::size_t>(paths_a_rule, 1))) {
      out.push_back({some_hosts, some_paths});
    }
  }
  return out;
}

cloudformation::LogicalId rule_id(const PublishedPort& port, std::size_t index) {
  return port.id(index == 0 ? "ListenerRule" : "ListenerRule" + std::to_string(index + 1));
}

std::vector<cloudformation::LogicalId> forwarders(const PublishedPort& port) {
  if (port.balancer == Balancer::network) {
    return {port.id("Listener")};
  }
  std::vector<cloudformation::LogicalId> out;
  for (std::size_t i = 0; i < rule_conditions(port).size(); ++i) {
    out.push_back(rule_id(port, i));
  }
  return out;
}

doc::Node conditions_node(const RuleConditions& conditions) {
  doc::Sequence out;
  if (!conditions.hosts.empty()) {
    out.items.push_back(
        Fields()
            .add("Field", "host-header")
            .add("HostHeaderConfig", Fields().add("Values", texts_node(conditions.hosts)).node())
            .node());
  }
  if (!conditions.paths.empty()) {
    out.items.push_back(
        Fields()
            .add("Field", "path-pattern")
            .add("PathPatternConfig", Fields().add("Values", texts_node(conditions.paths)).node())
            .node());
  }
  return doc::Node(std::move(out));
}

RulePriorities used_priorities(const std::vector<const PublishedPort*>& ports) {
  std::vector<Rule> rules;
  for (const PublishedPort* port : ports) {
    const std::vector<RuleConditions> all = rule_conditions(*port);
    for (std::size_t i = 0; i < all.size(); ++i) {
      rules.push_back({port, all[i], i});
    }
  }
  return number_rules(rules);
}

void add_listener_rules(Builder& builder, const std::vector<PublishedPort>& ports) {
  std::map<std::uint32_t, ListenerRules> listeners;
  for (const PublishedPort& port : ports) {
    if (port.balancer == Balancer::application) {
      listeners.try_emplace(port.published, builder).first->second.add(port);
    }
  }
  for (auto& [number, rules] : listeners) {
    rules.finish();
  }
}

}  // namespace convert
