#include "cloudformation/evaluate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "cloudformation/intrinsics.hpp"
#include "doc/json_writer.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

// tl::unexpected deduces a character array from a literal.
tl::unexpected<std::string> wrong(std::string text) {
  return util::unexpected(std::move(text));
}

constexpr std::string_view kNoValueTag = "!NoValue";

doc::Node no_value() {
  doc::Node out;
  out.tag = kNoValueTag;
  return out;
}

bool is_no_value(const doc::Node& node) {
  return node.tag == kNoValueTag;
}

bool is_unknown(const doc::Node& node) {
  const std::string* text = node.as_string();
  return text != nullptr && *text == kKnownAfterApply;
}

doc::Node unknown() {
  return doc::Node{kKnownAfterApply};
}

doc::Node strings(const std::vector<std::string>& items) {
  doc::Sequence out;
  for (const std::string& item : items) {
    out.items.emplace_back(item);
  }
  return doc::Node{std::move(out)};
}

const doc::Sequence* list_of(const doc::Node& node, std::size_t least, std::size_t most) {
  const doc::Sequence* list = node.as_sequence();
  return list != nullptr && list->items.size() >= least && list->items.size() <= most ? list
                                                                                      : nullptr;
}

class Evaluator {
 public:
  explicit Evaluator(const Scope& scope) : scope_(scope) {}

  Evaluated<doc::Node> value(const doc::Node& node);
  Evaluated<bool> condition(const doc::Node& node);

 private:
  Evaluated<doc::Node> call(const Call& call);
  Evaluated<doc::Node> sequence(const doc::Sequence& list, const diag::Span& span);
  Evaluated<doc::Node> mapping(const doc::Mapping& map, const diag::Span& span);
  Evaluated<doc::Node> reference(std::string_view name);
  Evaluated<doc::Node> pseudo(std::string_view name);
  Evaluated<doc::Node> attribute(std::string_view resource, std::string_view name);

  Evaluated<doc::Node> ref(const doc::Node& argument);
  Evaluated<doc::Node> get_att(const doc::Node& argument);
  Evaluated<doc::Node> sub(const doc::Node& argument);
  Evaluated<doc::Node> join(const doc::Node& argument);
  Evaluated<doc::Node> select(const doc::Node& argument);
  Evaluated<doc::Node> split(const doc::Node& argument);
  Evaluated<doc::Node> if_(const doc::Node& argument);
  Evaluated<doc::Node> find_in_map(const doc::Node& argument);
  Evaluated<doc::Node> base64(const doc::Node& argument);
  Evaluated<doc::Node> cidr(const doc::Node& argument);
  Evaluated<doc::Node> get_azs(const doc::Node& argument);
  Evaluated<doc::Node> import_value(const doc::Node& argument);
  Evaluated<doc::Node> to_json_string(const doc::Node& argument);
  Evaluated<doc::Node> length(const doc::Node& argument);

  Evaluated<bool> equals(const doc::Node& argument);
  Evaluated<bool> combine(const doc::Node& argument, bool all);
  Evaluated<std::string> substitute(std::string_view name, const doc::Node* variables);

  const Scope& scope_;
};

using Function = Evaluated<doc::Node> (Evaluator::*)(const doc::Node&);

Evaluated<doc::Node> Evaluator::value(const doc::Node& node) {
  if (const auto found = as_call(node)) {
    return call(*found);
  }
  if (const doc::Sequence* list = node.as_sequence()) {
    return sequence(*list, node.span);
  }
  if (const doc::Mapping* map = node.as_mapping()) {
    return mapping(*map, node.span);
  }
  return node;
}

Evaluated<doc::Node> Evaluator::sequence(const doc::Sequence& list, const diag::Span& span) {
  doc::Sequence out;
  for (const doc::Node& item : list.items) {
    auto result = value(item);
    if (!result) {
      return result;
    }
    if (!is_no_value(*result)) {
      out.items.push_back(std::move(*result));
    }
  }
  return doc::Node{std::move(out), span};
}

Evaluated<doc::Node> Evaluator::mapping(const doc::Mapping& map, const diag::Span& span) {
  doc::Mapping out;
  for (const doc::Entry& entry : map.entries) {
    auto result = value(entry.value);
    if (!result) {
      return result;
    }
    if (!is_no_value(*result)) {
      out.entries.push_back({entry.key, std::move(*result)});
    }
  }
  return doc::Node{std::move(out), span};
}

Evaluated<doc::Node> Evaluator::pseudo(std::string_view name) {
  const Pseudo& p = scope_.pseudo;
  if (name == "AWS::NoValue") {
    return no_value();
  }
  if (name == "AWS::NotificationARNs") {
    return strings(p.notification_arns);
  }
  const std::array<std::pair<std::string_view, const std::string*>, 6> texts = {
      {{"AWS::AccountId", &p.account},
       {"AWS::Region", &p.region},
       {"AWS::Partition", &p.partition},
       {"AWS::URLSuffix", &p.url_suffix},
       {"AWS::StackName", &p.stack_name},
       {"AWS::StackId", &p.stack_id}}};
  for (const auto& [known, text] : texts) {
    if (known == name) {
      return doc::Node{*text};
    }
  }
  return wrong("Template format error: Unresolved resource dependencies [" + std::string(name) +
               "] in the Resources block of the template");
}

Evaluated<doc::Node> Evaluator::reference(std::string_view name) {
  if (name.starts_with("AWS::")) {
    return pseudo(name);
  }
  if (const auto at = scope_.parameters.find(name); at != scope_.parameters.end()) {
    return at->second;
  }
  if (const Resource* resource = scope_.document.find(name)) {
    return scope_.surroundings.ref(*resource);
  }
  return wrong("Template format error: Unresolved resource dependencies [" + std::string(name) +
               "] in the Resources block of the template");
}

Evaluated<doc::Node> Evaluator::attribute(std::string_view resource, std::string_view name) {
  const Resource* found = scope_.document.find(resource);
  if (found == nullptr) {
    return wrong("Template error: instance of Fn::GetAtt references undefined resource " +
                 std::string(resource));
  }
  return scope_.surroundings.attribute(*found, name);
}

Evaluated<doc::Node> Evaluator::call(const Call& call) {
  static const std::map<std::string_view, Function> functions = {
      {"Ref", &Evaluator::ref},
      {"Fn::GetAtt", &Evaluator::get_att},
      {"Fn::Sub", &Evaluator::sub},
      {"Fn::Join", &Evaluator::join},
      {"Fn::Select", &Evaluator::select},
      {"Fn::Split", &Evaluator::split},
      {"Fn::If", &Evaluator::if_},
      {"Fn::FindInMap", &Evaluator::find_in_map},
      {"Fn::Base64", &Evaluator::base64},
      {"Fn::Cidr", &Evaluator::cidr},
      {"Fn::GetAZs", &Evaluator::get_azs},
      {"Fn::ImportValue", &Evaluator::import_value},
      {"Fn::ToJsonString", &Evaluator::to_json_string},
      {"Fn::Length", &Evaluator::length}};
  if (const auto at = functions.find(call.function); at != functions.end()) {
    return (this->*at->second)(*call.argument);
  }
  // A policy document's {"Condition": {...}} and other ordinary keys.
  if (call.function == "Condition" && call.argument->as_string() == nullptr) {
    auto inner = value(*call.argument);
    return inner ? Evaluated<doc::Node>(doc::map({{"Condition", std::move(*inner)}})) : inner;
  }
  return wrong("Template error: Encountered unsupported function: " + std::string(call.function) +
               " Supported functions are: [" + known_functions() + "]");
}

Evaluated<doc::Node> Evaluator::ref(const doc::Node& argument) {
  const std::string* name = argument.as_string();
  if (name == nullptr) {
    return wrong("Template format error: Every Ref object must have a single String value.");
  }
  return reference(*name);
}

Evaluated<doc::Node> Evaluator::get_att(const doc::Node& argument) {
  if (const std::string* text = argument.as_string()) {
    const auto [resource, name] = split_attribute(*text);
    return attribute(resource, name);
  }
  const doc::Sequence* list = list_of(argument, 2, 2);
  const std::string* resource = list != nullptr ? list->items[0].as_string() : nullptr;
  if (resource == nullptr) {
    return wrong(
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource "
        "name and the resource attribute");
  }
  auto name = value(list->items[1]);
  if (!name) {
    return name;
  }
  const std::string* text = name->as_string();
  return text != nullptr ? attribute(*resource, *text)
                         : wrong(
                               "Template error: every Fn::GetAtt object requires two "
                               "non-empty parameters, the resource name and the resource "
                               "attribute");
}

Evaluated<std::string> Evaluator::substitute(std::string_view name, const doc::Node* variables) {
  Evaluated<doc::Node> result = doc::Node{};
  if (const doc::Node* variable = variables != nullptr ? variables->find(name) : nullptr) {
    result = value(*variable);
  } else if (const auto [resource, attribute_name] = split_attribute(name);
             !attribute_name.empty() && !name.starts_with("AWS::")) {
    result = attribute(resource, attribute_name);
  } else {
    result = reference(name);
  }
  if (!result) {
    return wrong(std::move(result.error()));
  }
  if (const doc::Sequence* list = result->as_sequence()) {
    std::string out;
    for (const doc::Node& item : list->items) {
      out += (out.empty() ? "" : ",") + scalar_text(item).value_or("");
    }
    return out;
  }
  if (auto text = scalar_text(*result)) {
    return *text;
  }
  return wrong("Template error: variable " + std::string(name) +
               " in Fn::Sub expression does not resolve to a string");
}

Evaluated<doc::Node> Evaluator::sub(const doc::Node& argument) {
  const doc::Sequence* list = list_of(argument, 2, 2);
  const std::string* pattern = list != nullptr ? list->items[0].as_string() : argument.as_string();
  const doc::Node* variables = list != nullptr ? &list->items[1] : nullptr;
  if (pattern == nullptr || (variables != nullptr && variables->as_mapping() == nullptr)) {
    return wrong(
        "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. "
        "Specify a string as first argument, and an optional second argument to specify a mapping "
        "of values to replace in the string");
  }
  std::string out;
  bool complete = true;
  for (const SubPart& part : split_sub(*pattern)) {
    if (!part.is_name) {
      out += part.text;
      continue;
    }
    auto text = substitute(part.text, variables);
    if (!text) {
      return wrong(std::move(text.error()));
    }
    complete = complete && *text != kKnownAfterApply;
    out += *text;
  }
  return complete ? doc::Node{std::move(out)} : unknown();
}

Evaluated<doc::Node> Evaluator::join(const doc::Node& argument) {
  static constexpr std::string_view kWrong =
      "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and "
      "(2) a list of strings to be joined or a function that returns a list of strings (such as "
      "Fn::GetAZs) to be joined.";
  const doc::Sequence* list = list_of(argument, 2, 2);
  if (list == nullptr || list->items[0].as_string() == nullptr) {
    return wrong(std::string(kWrong));
  }
  auto parts = value(list->items[1]);
  if (!parts || is_unknown(*parts)) {
    return parts;
  }
  const doc::Sequence* items = parts->as_sequence();
  if (items == nullptr) {
    return wrong(std::string(kWrong));
  }
  std::vector<std::string> texts;
  for (const doc::Node& item : items->items) {
    if (is_unknown(item)) {
      return unknown();
    }
    auto text = scalar_text(item);
    if (!text) {
      return wrong(std::string(kWrong));
    }
    texts.push_back(std::move(*text));
  }
  return doc::Node{util::join(texts, *list->items[0].as_string())};
}

Evaluated<doc::Node> Evaluator::select(const doc::Node& argument) {
  const doc::Sequence* list = list_of(argument, 2, 2);
  if (list == nullptr) {
    return wrong(
        "Template error: Fn::Select requires a list argument with two elements: an "
        "integer index and a list");
  }
  auto index = value(list->items[0]);
  auto items = index ? value(list->items[1]) : index;
  if (!items || is_unknown(*items)) {
    return items;
  }
  const auto text = scalar_text(*index);
  const auto number = text ? util::parse_int(*text) : std::nullopt;
  const doc::Sequence* choices = items->as_sequence();
  if (!number || choices == nullptr) {
    return wrong(
        "Template error: Fn::Select requires a list argument with two elements: an "
        "integer index and a list");
  }
  if (*number < 0 || static_cast<std::size_t>(*number) >= choices->items.size()) {
    return wrong("Template error: Fn::Select cannot select nonexistent value at index " + *text);
  }
  return choices->items[static_cast<std::size_t>(*number)];
}

Evaluated<doc::Node> Evaluator::split(const doc::Node& argument) {
  static constexpr std::string_view kWrong =
      "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and "
      "(2) a string to be split or a function that returns a string to be split.";
  const doc::Sequence* list = list_of(argument, 2, 2);
  const std::string* delimiter = list != nullptr ? list->items[0].as_string() : nullptr;
  if (delimiter == nullptr || delimiter->empty()) {
    return wrong(std::string(kWrong));
  }
  auto source = value(list->items[1]);
  if (!source || is_unknown(*source)) {
    return source;
  }
  const std::string* text = source->as_string();
  if (text == nullptr) {
    return wrong(std::string(kWrong));
  }
  std::vector<std::string> parts;
  std::size_t at = 0;
  for (std::size_t next = text->find(*delimiter); next != std::string::npos;
       next = text->find(*delimiter, at)) {
    parts.push_back(text->substr(at, next - at));
    at = next + delimiter->size();
  }
  parts.push_back(text->substr(at));
  return strings(parts);
}

Evaluated<doc::Node> Evaluator::if_(const doc::Node& argument) {
  const doc::Sequence* list = list_of(argument, 3, 3);
  const std::string* name = list != nullptr ? list->items[0].as_string() : nullptr;
  if (name == nullptr) {
    return wrong("Template error: Fn::If requires a list argument with three elements");
  }
  const auto at = scope_.conditions.find(*name);
  if (at == scope_.conditions.end()) {
    return wrong("Template error: unresolved condition dependency " + *name + " in Fn::If");
  }
  return value(list->items[at->second ? 1 : 2]);
}

Evaluated<doc::Node> Evaluator::find_in_map(const doc::Node& argument) {
  const doc::Sequence* list = list_of(argument, 3, 4);
  if (list == nullptr) {
    return wrong(
        "Template error: every Fn::FindInMap object requires three parameters, the map name, map "
        "key and the attribute for return value");
  }
  std::array<std::string, 3> keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto key = value(list->items[i]);
    if (!key) {
      return key;
    }
    keys[i] = scalar_text(*key).value_or("");
  }
  const doc::Node* found = scope_.document.mappings.find(keys[0]);
  found = found != nullptr ? found->find(keys[1]) : nullptr;
  found = found != nullptr ? found->find(keys[2]) : nullptr;
  if (found != nullptr) {
    return *found;
  }
  const doc::Node* fallback =
      list->items.size() == 4 ? list->items[3].find("DefaultValue") : nullptr;
  if (fallback != nullptr) {
    return value(*fallback);
  }
  return wrong("Template error: Unable to get mapping for " + keys[0] + "::" + keys[1] +
               "::" + keys[2]);
}

Evaluated<doc::Node> Evaluator::base64(const doc::Node& argument) {
  auto source = value(argument);
  if (!source || is_unknown(*source)) {
    return source;
  }
  const auto text = scalar_text(*source);
  if (!text) {
    return wrong("Template error: every Fn::Base64 object must have a String-typed value.");
  }
  return doc::Node{util::base64(*text)};
}

Evaluated<doc::Node> Evaluator::cidr(const doc::Node& argument) {
  const doc::Sequence* list = list_of(argument, 2, 3);
  if (list == nullptr) {
    return wrong("Template error: every Fn::Cidr object requires two or three parameters");
  }
  auto evaluated = sequence(*list, argument.span);
  if (!evaluated) {
    return evaluated;
  }
  std::vector<std::string> texts;
  for (const doc::Node& item : evaluated->as_sequence()->items) {
    if (is_unknown(item)) {
      return unknown();
    }
    texts.push_back(scalar_text(item).value_or(""));
  }
  const auto count = util::parse_int(texts.at(1));
  const auto bits = texts.size() == 3 ? util::parse_int(texts[2]) : std::optional<std::int64_t>(8);
  if (!count || !bits) {
    return wrong("Template error: Fn::Cidr count and cidrBits must be numbers");
  }
  auto blocks = split_cidr(texts[0], *count, *bits);
  return blocks ? Evaluated<doc::Node>(strings(*blocks)) : wrong(std::move(blocks.error()));
}

Evaluated<doc::Node> Evaluator::get_azs(const doc::Node& argument) {
  auto region = value(argument);
  if (!region) {
    return region;
  }
  const std::string* name = region->as_string();
  if (name == nullptr) {
    return wrong("Template error: Fn::GetAZs requires a string argument: a region");
  }
  if (name->empty() || *name == scope_.pseudo.region) {
    return strings(scope_.pseudo.zones);
  }
  return strings({*name + "a", *name + "b", *name + "c"});
}

Evaluated<doc::Node> Evaluator::import_value(const doc::Node& argument) {
  auto name = value(argument);
  if (!name || is_unknown(*name)) {
    return name;
  }
  const std::string* text = name->as_string();
  if (text == nullptr) {
    return wrong(
        "Template error: the attribute in Fn::ImportValue must be a string or a "
        "function that returns a string");
  }
  return scope_.surroundings.imported(*text);
}

Evaluated<doc::Node> Evaluator::to_json_string(const doc::Node& argument) {
  auto source = value(argument);
  if (!source) {
    return source;
  }
  return doc::Node{doc::to_json(*source)};
}

Evaluated<doc::Node> Evaluator::length(const doc::Node& argument) {
  auto source = value(argument);
  if (!source || is_unknown(*source)) {
    return source;
  }
  const doc::Sequence* list = source->as_sequence();
  if (list == nullptr) {
    return wrong(
        "Template error: Fn::Length must be passed a list or a function that returns "
        "a list");
  }
  return doc::Node{static_cast<std::int64_t>(list->items.size())};
}

Evaluated<bool> Evaluator::equals(const doc::Node& argument) {
  const doc::Sequence* list = list_of(argument, 2, 2);
  if (list == nullptr) {
    return wrong("Template error: every Fn::Equals object requires a list of 2 string parameters.");
  }
  auto left = value(list->items[0]);
  auto right = left ? value(list->items[1]) : left;
  if (!right) {
    return wrong(std::move(right.error()));
  }
  const auto a = scalar_text(*left);
  const auto b = scalar_text(*right);
  return a && b ? *a == *b : doc::equivalent(*left, *right);
}

Evaluated<bool> Evaluator::combine(const doc::Node& argument, bool all) {
  const doc::Sequence* list = list_of(argument, 2, 10);
  if (list == nullptr) {
    return wrong(std::string("Template error: every ") + (all ? "Fn::And" : "Fn::Or") +
                 " object requires a list of at least 2 and at most 10 boolean parameters.");
  }
  bool out = all;
  for (const doc::Node& item : list->items) {
    auto one = condition(item);
    if (!one) {
      return one;
    }
    out = all ? (out && *one) : (out || *one);
  }
  return out;
}

Evaluated<bool> Evaluator::condition(const doc::Node& node) {
  const auto found = as_call(node);
  if (!found) {
    if (const bool* literal = node.as_bool()) {
      return *literal;
    }
    return wrong(
        "Template format error: Conditions can only be boolean "
        "operations on parameters and other conditions");
  }
  if (found->function == "Condition") {
    const std::string* name = found->argument->as_string();
    const doc::Node* body = name != nullptr ? scope_.document.conditions.find(*name) : nullptr;
    if (body == nullptr) {
      return wrong("Template format error: Unresolved dependencies [" +
                   (name != nullptr ? *name : "") +
                   "]. Cannot reference resources in the Conditions block of the template");
    }
    return condition(*body);
  }
  if (found->function == "Fn::Equals") {
    return equals(*found->argument);
  }
  if (found->function == "Fn::And" || found->function == "Fn::Or") {
    return combine(*found->argument, found->function == "Fn::And");
  }
  if (found->function == "Fn::Not") {
    const doc::Sequence* list = list_of(*found->argument, 1, 1);
    auto inner = list != nullptr ? condition(list->items[0])
                                 : wrong(
                                       "Template error: every Fn::Not object "
                                       "requires one boolean parameter.");
    return inner ? Evaluated<bool>(!*inner) : inner;
  }
  return wrong(
      "Template format error: Conditions can only be boolean operations "
      "on parameters and other conditions");
}

class NothingOutside final : public Surroundings {
 public:
  Evaluated<doc::Node> ref(const Resource& r) const override { return refuse(r.id.str()); }

  Evaluated<doc::Node> attribute(const Resource& r, std::string_view) const override {
    return refuse(r.id.str());
  }

  Evaluated<doc::Node> imported(std::string_view name) const override { return refuse(name); }

  Evaluated<std::string> dynamic(const DynamicReference&) const override {
    return wrong("Template format error: dynamic references are not allowed here");
  }

 private:
  static tl::unexpected<std::string> refuse(std::string_view name) {
    return wrong("Template format error: Unresolved dependencies [" + std::string(name) +
                 "]. Cannot reference resources in the Conditions block of the template");
  }
};

// A condition that needs itself would never end; at most one step per condition is a legal chain.
bool has_cycle(const doc::Mapping& conditions, const std::string& start) {
  std::vector<std::string> open = {start};
  std::vector<std::string> seen;
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const doc::Node* body = conditions.find(name);
    for (std::string& next :
         body != nullptr ? condition_names(*body) : std::vector<std::string>{}) {
      if (next == start) {
        return true;
      }
      if (std::find(seen.begin(), seen.end(), next) == seen.end()) {
        seen.push_back(next);
        open.push_back(std::move(next));
      }
    }
  }
  return false;
}

}  // namespace

Evaluated<doc::Node> evaluate(const doc::Node& value, const Scope& scope) {
  auto out = Evaluator(scope).value(value);
  if (out && is_no_value(*out)) {
    return doc::Node{};
  }
  return out;
}

Evaluated<Conditions> evaluate_conditions(const Template& t,
                                          const Parameters& parameters,
                                          const Pseudo& pseudo) {
  Conditions out;
  const doc::Mapping* map = t.conditions.as_mapping();
  const NothingOutside nothing;
  const Scope scope{t, parameters, out, pseudo, nothing};
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    const doc::Entry& entry = map->entries[i];
    if (has_cycle(*map, entry.key.value)) {
      return wrong("Template format error: Found circular condition dependency between " +
                   entry.key.value);
    }
    auto value = Evaluator(scope).condition(entry.value);
    if (!value) {
      return wrong(std::move(value.error()));
    }
    out.emplace(entry.key.value, *value);
  }
  return out;
}

bool is_active(const Resource& resource, const Conditions& conditions) {
  if (!resource.condition) {
    return true;
  }
  const auto at = conditions.find(*resource.condition);
  return at != conditions.end() && at->second;
}

bool is_active(const Output& output, const Conditions& conditions) {
  const doc::Node* name = output.body.find("Condition");
  if (name == nullptr || name->as_string() == nullptr) {
    return true;
  }
  const auto at = conditions.find(*name->as_string());
  return at != conditions.end() && at->second;
}

std::optional<std::string> scalar_text(const doc::Node& node) {
  if (const std::string* text = node.as_string()) {
    return *text;
  }
  if (const bool* flag = node.as_bool()) {
    return *flag ? "true" : "false";
  }
  if (node.as_int() != nullptr || node.as_double() != nullptr) {
    return doc::to_json(node);
  }
  return std::nullopt;
}

}  // namespace cloudformation
