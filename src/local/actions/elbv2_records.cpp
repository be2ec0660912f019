#include "local/actions/elbv2_records.hpp"

#include <algorithm>

namespace local::elbv2 {

namespace {

using awsapi::EmptyLists;

doc::Node tags_to_node(const Tags& tags) {
  std::vector<doc::Node> items;
  for (const wire::Tag& tag : tags) {
    items.push_back(tag.to_node(EmptyLists::omit));
  }
  return doc::list(std::move(items));
}

doc::Node attributes_to_node(const Attributes& attributes) {
  doc::Mapping mapping;
  for (const auto& [key, value] : attributes) {
    mapping.set(key, doc::Node(value));
  }
  return doc::Node(std::move(mapping));
}

template <class T>
std::vector<T> list_from(const doc::Node& node, std::string_view key) {
  std::vector<T> result;
  const doc::Node* list = node.find(key);
  if (list != nullptr && list->as_sequence() != nullptr) {
    for (const doc::Node& item : list->as_sequence()->items) {
      result.push_back(T::from_node(item));
    }
  }
  return result;
}

template <class T>
T shape_from(const doc::Node& node) {
  const doc::Node* shape = node.find("Shape");
  return T::from_node(shape == nullptr ? doc::Node(doc::Mapping{}) : *shape);
}

Attributes attributes_from(const doc::Node& node) {
  Attributes attributes;
  const doc::Node* stored = node.find("Attributes");
  if (stored != nullptr && stored->as_mapping() != nullptr) {
    for (const doc::Entry& entry : stored->as_mapping()->entries) {
      if (const std::string* value = entry.value.as_string()) {
        attributes[entry.key.value] = *value;
      }
    }
  }
  return attributes;
}

std::string text_from(const doc::Node& node, std::string_view key) {
  const doc::Node* value = node.find(key);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string{} : *text;
}

}  // namespace

doc::Node LoadBalancer::to_node() const {
  return doc::map({{"Shape", shape.to_node(EmptyLists::omit)},
                   {"Tags", tags_to_node(tags)},
                   {"Attributes", attributes_to_node(attributes)},
                   {"Host", doc::Node(host)}});
}

LoadBalancer LoadBalancer::from_node(const doc::Node& node) {
  return {shape_from<wire::LoadBalancer>(node),
          list_from<wire::Tag>(node, "Tags"),
          attributes_from(node),
          text_from(node, "Host")};
}

void Target::forget_health() {
  const Target fresh;
  health = fresh.health;
  reason = fresh.reason;
  detail = fresh.detail;
}

balancer::TargetAddress Target::address() const {
  return {description.id, static_cast<std::uint16_t>(description.port.value_or(0))};
}

Target* TargetGroup::find(const wire::TargetDescription& description) {
  const std::int64_t port = description.port.value_or(shape.port.value_or(0));
  const auto at = std::ranges::find_if(targets, [&](const Target& target) {
    return target.description.id == description.id && target.description.port == port;
  });
  return at == targets.end() ? nullptr : &*at;
}

Target* TargetGroup::find(const balancer::TargetAddress& address) {
  const auto at = std::ranges::find(targets, address, &Target::address);
  return at == targets.end() ? nullptr : &*at;
}

doc::Node TargetGroup::to_node() const {
  std::vector<doc::Node> items;
  for (const Target& target : targets) {
    doc::Node item = target.description.to_node(EmptyLists::omit);
    if (target.draining_until) {
      item.as_mapping()->set(
          "DrainingUntil",
          doc::Node(std::int64_t{target.draining_until->time_since_epoch().count()}));
    }
    items.push_back(std::move(item));
  }
  return doc::map({{"Shape", shape.to_node(EmptyLists::omit)},
                   {"Tags", tags_to_node(tags)},
                   {"Attributes", attributes_to_node(attributes)},
                   {"Targets", doc::list(std::move(items))}});
}

TargetGroup TargetGroup::from_node(const doc::Node& node) {
  TargetGroup group{shape_from<wire::TargetGroup>(node),
                    list_from<wire::Tag>(node, "Tags"),
                    attributes_from(node),
                    {}};
  const doc::Node* stored = node.find("Targets");
  if (stored != nullptr && stored->as_sequence() != nullptr) {
    for (const doc::Node& item : stored->as_sequence()->items) {
      Target target;
      target.description = wire::TargetDescription::from_node(item);
      const doc::Node* until = item.find("DrainingUntil");
      if (until != nullptr && until->as_int() != nullptr) {
        target.draining_until = util::Clock::TimePoint(std::chrono::milliseconds(*until->as_int()));
      }
      group.targets.push_back(std::move(target));
    }
  }
  return group;
}

doc::Node Listener::to_node() const {
  std::vector<doc::Node> items;
  for (const wire::Rule& rule : rules) {
    items.push_back(rule.to_node(EmptyLists::omit));
  }
  std::vector<doc::Node> more;
  for (const std::string& certificate : certificates) {
    more.emplace_back(certificate);
  }
  doc::Mapping tags_of_rules;
  for (const auto& [arn, its_tags] : rule_tags) {
    tags_of_rules.set(arn, tags_to_node(its_tags));
  }
  return doc::map({{"Shape", shape.to_node(EmptyLists::omit)},
                   {"Tags", tags_to_node(tags)},
                   {"Attributes", attributes_to_node(attributes)},
                   {"Rules", doc::list(std::move(items))},
                   {"RuleTags", doc::Node(std::move(tags_of_rules))},
                   {"Certificates", doc::list(std::move(more))},
                   {"BoundPort", doc::Node(bound_port)}});
}

Listener Listener::from_node(const doc::Node& node) {
  Listener record;
  record.shape = shape_from<wire::Listener>(node);
  record.tags = list_from<wire::Tag>(node, "Tags");
  record.attributes = attributes_from(node);
  record.rules = list_from<wire::Rule>(node, "Rules");
  const doc::Node* rule_tags = node.find("RuleTags");
  if (rule_tags != nullptr && rule_tags->as_mapping() != nullptr) {
    for (const doc::Entry& entry : rule_tags->as_mapping()->entries) {
      record.rule_tags[entry.key.value] = list_from<wire::Tag>(*rule_tags, entry.key.value);
    }
  }
  const doc::Node* more = node.find("Certificates");
  if (more != nullptr && more->as_sequence() != nullptr) {
    for (const doc::Node& item : more->as_sequence()->items) {
      if (const std::string* arn = item.as_string()) {
        record.certificates.push_back(*arn);
      }
    }
  }
  const doc::Node* port = node.find("BoundPort");
  record.bound_port = port != nullptr && port->as_int() != nullptr ? *port->as_int() : 0;
  return record;
}

std::vector<balancer::WeightedGroup> forwards_of(const wire::Action& action) {
  std::vector<balancer::WeightedGroup> groups;
  if (action.forward_config) {
    for (const wire::TargetGroupTuple& tuple : action.forward_config->target_groups) {
      groups.push_back(
          {tuple.target_group_arn.value_or(""), static_cast<int>(tuple.weight.value_or(1))});
    }
  }
  if (groups.empty() && action.target_group_arn) {
    groups.push_back({*action.target_group_arn, 1});
  }
  return groups;
}

wire::Action normalised(wire::Action action, bool application) {
  if (action.type != "forward") {
    action.order = action.order.value_or(1);
    return action;
  }
  const auto groups = forwards_of(action);
  wire::ForwardActionConfig config = action.forward_config.value_or(wire::ForwardActionConfig{});
  config.target_groups.clear();
  for (const balancer::WeightedGroup& group : groups) {
    wire::TargetGroupTuple tuple;
    tuple.target_group_arn = group.group;
    if (application || groups.size() > 1) {
      tuple.weight = group.weight;
    }
    config.target_groups.push_back(std::move(tuple));
  }
  if (application && !config.target_group_stickiness_config) {
    config.target_group_stickiness_config.emplace().enabled = false;
  }
  action.forward_config = std::move(config);
  action.target_group_arn.reset();
  if (groups.size() == 1) {
    action.target_group_arn = groups.front().group;
  }
  if (application) {
    action.order = action.order.value_or(1);
  }
  return action;
}

}  // namespace local::elbv2
