#include "cloudformation/intrinsics.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "util/strings.hpp"

namespace cloudformation {
namespace {

constexpr std::array<std::string_view, 20> kFunctions = {
    "Fn::And",       "Fn::Base64", "Fn::Cidr",         "Fn::Contains",  "Fn::Equals",
    "Fn::FindInMap", "Fn::GetAZs", "Fn::GetAtt",       "Fn::If",        "Fn::ImportValue",
    "Fn::Join",      "Fn::Length", "Fn::Not",          "Fn::Or",        "Fn::Select",
    "Fn::Split",     "Fn::Sub",    "Fn::ToJsonString", "Fn::Transform", "Ref"};

const doc::Node* argument_at(const doc::Node& argument, std::size_t index) {
  const doc::Sequence* list = argument.as_sequence();
  return list != nullptr && index < list->items.size() ? &list->items[index] : nullptr;
}

std::string long_name(std::string_view tag) {
  tag.remove_prefix(1);
  if (tag == "Ref" || tag == "Condition") {
    return std::string(tag);
  }
  return "Fn::" + std::string(tag);
}

// !GetAtt takes "Name.Attribute" as well as the list.
doc::Node get_att_argument(doc::Node argument) {
  const std::string* text = argument.as_string();
  if (text == nullptr || text->find('.') == std::string::npos) {
    return argument;
  }
  auto [name, attribute] = split_attribute(*text);
  doc::Node out = doc::list({doc::Node{std::move(name)}, doc::Node{std::move(attribute)}});
  out.span = argument.span;
  return out;
}

void collect_get_att(const doc::Node& argument, std::vector<Reference>& out) {
  if (const std::string* text = argument.as_string()) {
    auto [name, attribute] = split_attribute(*text);
    out.push_back({std::move(name), std::move(attribute), "Fn::GetAtt"});
    return;
  }
  const doc::Node* target = argument_at(argument, 0);
  const doc::Node* attribute = argument_at(argument, 1);
  if (target != nullptr && target->as_string() != nullptr) {
    const std::string* name = attribute != nullptr ? attribute->as_string() : nullptr;
    out.push_back({*target->as_string(), name != nullptr ? *name : "", "Fn::GetAtt"});
  }
}

void collect(const doc::Node& node, std::vector<Reference>& out);

void collect_sub(const doc::Node& argument, std::vector<Reference>& out) {
  const doc::Node* pattern = argument.as_string() != nullptr ? &argument : argument_at(argument, 0);
  const doc::Node* variables = argument_at(argument, 1);
  if (pattern == nullptr || pattern->as_string() == nullptr) {
    return;
  }
  for (SubPart& part : split_sub(*pattern->as_string())) {
    if (!part.is_name || (variables != nullptr && variables->find(part.text) != nullptr)) {
      continue;
    }
    auto [name, attribute] = split_attribute(part.text);
    out.push_back({std::move(name), std::move(attribute), "Fn::Sub"});
  }
  if (variables != nullptr) {
    collect(*variables, out);
  }
}

void collect(const doc::Node& node, std::vector<Reference>& out) {
  if (const auto call = as_call(node)) {
    if (call->function == "Ref") {
      if (const std::string* target = call->argument->as_string()) {
        out.push_back({*target, "", "Ref"});
      }
      return;
    }
    if (call->function == "Fn::GetAtt") {
      collect_get_att(*call->argument, out);
      return;
    }
    if (call->function == "Fn::Sub") {
      collect_sub(*call->argument, out);
      return;
    }
  }
  if (const doc::Sequence* list = node.as_sequence()) {
    for (const doc::Node& item : list->items) {
      collect(item, out);
    }
  } else if (const doc::Mapping* map = node.as_mapping()) {
    for (const doc::Entry& entry : map->entries) {
      collect(entry.value, out);
    }
  }
}

void collect_conditions(const doc::Node& node, std::vector<std::string>& out) {
  if (const auto call = as_call(node)) {
    const doc::Node* name =
        call->function == "Condition"
            ? call->argument
            : (call->function == "Fn::If" ? argument_at(*call->argument, 0) : nullptr);
    if (name != nullptr && name->as_string() != nullptr) {
      out.push_back(*name->as_string());
    }
  }
  if (const doc::Sequence* list = node.as_sequence()) {
    for (const doc::Node& item : list->items) {
      collect_conditions(item, out);
    }
  } else if (const doc::Mapping* map = node.as_mapping()) {
    for (const doc::Entry& entry : map->entries) {
      collect_conditions(entry.value, out);
    }
  }
}

}  // namespace

std::optional<Call> as_call(const doc::Node& node) {
  const doc::Mapping* map = node.as_mapping();
  if (map == nullptr || map->entries.size() != 1) {
    return std::nullopt;
  }
  const std::string& key = map->entries.front().key.value;
  if (key != "Ref" && key != "Condition" && !key.starts_with("Fn::")) {
    return std::nullopt;
  }
  return Call{key, &map->entries.front().value};
}

bool is_known_function(std::string_view name) {
  return name == "Condition" ||
         std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
}

std::string known_functions() {
  std::string out;
  for (const std::string_view name : kFunctions) {
    out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out;
}

doc::Node long_form(doc::Node node) {
  if (doc::Sequence* list = node.as_sequence()) {
    for (doc::Node& item : list->items) {
      item = long_form(std::move(item));
    }
  } else if (doc::Mapping* map = node.as_mapping()) {
    for (doc::Entry& entry : map->entries) {
      entry.value = long_form(std::move(entry.value));
    }
  }
  if (const std::string_view tag = node.tag.text();
      tag.size() < 2 || tag.front() != '!' || tag[1] == '!') {
    return node;
  }
  std::string name = long_name(node.tag.text());
  const diag::Span span = node.span;
  node.tag.clear();
  doc::Mapping call;
  call.set(name, name == "Fn::GetAtt" ? get_att_argument(std::move(node)) : std::move(node));
  return {std::move(call), span};
}

std::vector<Reference> references(const doc::Node& value) {
  std::vector<Reference> out;
  collect(value, out);
  return out;
}

std::vector<std::string> condition_names(const doc::Node& value) {
  std::vector<std::string> out;
  collect_conditions(value, out);
  return out;
}

std::vector<SubPart> split_sub(std::string_view pattern) {
  std::vector<SubPart> out;
  std::string literal;
  std::size_t at = 0;
  while (at < pattern.size()) {
    const std::size_t open = pattern.find("${", at);
    const std::size_t close = open == std::string_view::npos ? open : pattern.find('}', open);
    if (close == std::string_view::npos) {
      break;
    }
    literal += pattern.substr(at, open - at);
    const std::string_view name = pattern.substr(open + 2, close - open - 2);
    at = close + 1;
    if (name.starts_with('!')) {
      literal += "${" + std::string(name.substr(1)) + "}";
      continue;
    }
    if (!literal.empty()) {
      out.push_back({false, std::exchange(literal, {})});
    }
    out.push_back({true, std::string(util::trim(name))});
  }
  literal += pattern.substr(at);
  if (!literal.empty()) {
    out.push_back({false, std::move(literal)});
  }
  return out;
}

std::pair<std::string, std::string> split_attribute(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) {
    return {std::string(text), ""};
  }
  return {std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

}  // namespace cloudformation
