#include "cloudformation/parse.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "cloudformation/intrinsics.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

using Failure = tl::unexpected<TemplateError>;

constexpr std::array<std::string_view, 10> kSections = {"AWSTemplateFormatVersion",
                                                        "Description",
                                                        "Metadata",
                                                        "Parameters",
                                                        "Rules",
                                                        "Mappings",
                                                        "Conditions",
                                                        "Transform",
                                                        "Resources",
                                                        "Outputs"};
constexpr std::array<std::string_view, 10> kResourceAttributes = {"Type",
                                                                  "Properties",
                                                                  "DependsOn",
                                                                  "Condition",
                                                                  "DeletionPolicy",
                                                                  "UpdateReplacePolicy",
                                                                  "Metadata",
                                                                  "CreationPolicy",
                                                                  "UpdatePolicy",
                                                                  "Description"};

Failure format_error(std::string text, const doc::Node& at) {
  return util::unexpected(TemplateError{"Template format error: " + std::move(text), at.span});
}

bool is_alphanumeric(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), util::is_alnum);
}

// "/Outputs/O/Value" of the first null below `node`.
std::optional<std::string> find_null(const doc::Node& node, const std::string& path) {
  if (node.is_null()) {
    return path;
  }
  if (const doc::Mapping* map = node.as_mapping()) {
    for (const doc::Entry& entry : map->entries) {
      if (auto found = find_null(entry.value, path + "/" + entry.key.value)) {
        return found;
      }
    }
  } else if (const doc::Sequence* list = node.as_sequence()) {
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      if (auto found = find_null(list->items[i], path + "/" + std::to_string(i))) {
        return found;
      }
    }
  }
  return std::nullopt;
}

const std::string* unknown_function(const doc::Node& node) {
  if (const doc::Mapping* map = node.as_mapping()) {
    for (const doc::Entry& entry : map->entries) {
      if (entry.key.value.starts_with("Fn::") && map->entries.size() == 1 &&
          !is_known_function(entry.key.value) && !entry.key.value.starts_with("Fn::ForEach")) {
        return &entry.key.value;
      }
      if (const std::string* found = unknown_function(entry.value)) {
        return found;
      }
    }
  } else if (const doc::Sequence* list = node.as_sequence()) {
    for (const doc::Node& item : list->items) {
      if (const std::string* found = unknown_function(item)) {
        return found;
      }
    }
  }
  return nullptr;
}

util::Result<void, TemplateError> check_sections(const doc::Node& document) {
  const doc::Mapping* map = document.as_mapping();
  if (map == nullptr) {
    return format_error("unsupported structure.", document);
  }
  std::vector<std::string> unknown;
  for (const doc::Entry& entry : map->entries) {
    if (std::find(kSections.begin(), kSections.end(), entry.key.value) == kSections.end()) {
      unknown.push_back(entry.key.value);
    }
  }
  if (!unknown.empty()) {
    return util::unexpected(
        TemplateError{"Invalid template property or properties [" + util::join(unknown, ", ") + "]",
                      map->entries.front().key.span});
  }
  for (const std::string_view section : {"Resources", "Outputs", "Conditions", "Mappings"}) {
    const doc::Node* body = map->find(section);
    if (body == nullptr) {
      continue;
    }
    if (const auto path = find_null(*body, "/" + std::string(section))) {
      return format_error("[" + *path + "] 'null' values are not allowed in templates", *body);
    }
    if (const std::string* function = unknown_function(*body)) {
      return util::unexpected(
          TemplateError{"Template error: Encountered unsupported function: " + *function +
                            " Supported functions are: [" + known_functions() + "]",
                        body->span});
    }
  }
  return {};
}

util::Result<std::vector<LogicalId>, TemplateError> depends_on(const doc::Node& node) {
  std::vector<LogicalId> out;
  if (const std::string* one = node.as_string()) {
    out.emplace_back(*one);
    return out;
  }
  const doc::Sequence* list = node.as_sequence();
  if (list == nullptr) {
    return format_error("DependsOn must be a string or list of strings.", node);
  }
  for (const doc::Node& item : list->items) {
    const std::string* name = item.as_string();
    if (name == nullptr) {
      return format_error("DependsOn must be a string or list of strings.", item);
    }
    out.emplace_back(*name);
  }
  return out;
}

util::Result<std::optional<std::string>, TemplateError> text_attribute(const doc::Node& body,
                                                                       std::string_view name) {
  const doc::Node* value = body.find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::string* text = value->as_string();
  if (text == nullptr) {
    return format_error("Every " + std::string(name) + " member must be a string.", *value);
  }
  return *text;
}

util::Result<void, TemplateError> check_policy(const std::optional<std::string>& policy,
                                               std::string_view attribute,
                                               const doc::Node& at) {
  if (!policy || *policy == "Delete" || *policy == "Retain" || *policy == "Snapshot" ||
      (attribute == "DeletionPolicy" && *policy == "RetainExceptOnCreate")) {
    return {};
  }
  return format_error("Unrecognized " + std::string(attribute) + " " + *policy + " for resource",
                      at);
}

util::Result<void, TemplateError> check_resource_shape(const std::string& name,
                                                       const doc::Node& body) {
  if (!is_alphanumeric(name)) {
    return format_error("Resource name " + name + " is non alphanumeric.", body);
  }
  const doc::Mapping* map = body.as_mapping();
  if (map == nullptr) {
    return format_error("Any Resources member must be an object.", body);
  }
  for (const doc::Entry& entry : map->entries) {
    if (std::find(kResourceAttributes.begin(), kResourceAttributes.end(), entry.key.value) ==
        kResourceAttributes.end()) {
      return util::unexpected(TemplateError{
          "Invalid template resource property '" + entry.key.value + "'", entry.key.span});
    }
  }
  const doc::Node* type = map->find("Type");
  if (type == nullptr || type->as_string() == nullptr) {
    return format_error(
        "[/Resources/" + name + "] Every Resources object must contain a Type member.", body);
  }
  const doc::Node* properties = map->find("Properties");
  if (properties != nullptr && properties->as_mapping() == nullptr) {
    return format_error(
        "[/Resources/" + name + "/Properties] Every Properties member must be an object.",
        *properties);
  }
  return {};
}

util::Result<Resource, TemplateError> parse_resource(const std::string& name,
                                                     const doc::Node& body) {
  if (auto ok = check_resource_shape(name, body); !ok) {
    return util::unexpected(std::move(ok.error()));
  }
  Resource out{
      LogicalId{name}, *body.find("Type")->as_string(), {}, {}, {}, {}, {}, {}, {}, body.span};
  if (const doc::Node* properties = body.find("Properties")) {
    out.properties = *properties;
  }
  if (const doc::Node* node = body.find("DependsOn")) {
    auto ids = depends_on(*node);
    if (!ids) {
      return util::unexpected(std::move(ids.error()));
    }
    out.depends_on = std::move(*ids);
  }
  for (const auto& [attribute, target] :
       {std::pair{"Condition", &out.condition},
        std::pair{"DeletionPolicy", &out.deletion_policy},
        std::pair{"UpdateReplacePolicy", &out.update_replace_policy}}) {
    auto text = text_attribute(body, attribute);
    if (!text) {
      return util::unexpected(std::move(text.error()));
    }
    *target = std::move(*text);
  }
  for (const auto& [policy, attribute] :
       {std::pair{&out.deletion_policy, "DeletionPolicy"},
        std::pair{&out.update_replace_policy, "UpdateReplacePolicy"}}) {
    if (auto ok = check_policy(*policy, attribute, body); !ok) {
      return util::unexpected(std::move(ok.error()));
    }
  }
  if (const doc::Node* metadata = body.find("Metadata")) {
    out.metadata = *metadata;
  }
  doc::Mapping other;
  for (const std::string_view key : {"CreationPolicy", "UpdatePolicy"}) {
    if (const doc::Node* value = body.find(key)) {
      other.set(key, *value);
    }
  }
  if (!other.entries.empty()) {
    out.other = doc::Node{std::move(other)};
  }
  return out;
}

util::Result<void, TemplateError> read_resources(const doc::Node& document, Template& out) {
  const doc::Node* resources = document.find("Resources");
  const doc::Mapping* map = resources != nullptr ? resources->as_mapping() : nullptr;
  if (map == nullptr || map->entries.empty()) {
    return format_error("At least one Resources member must be defined.", document);
  }
  for (const doc::Entry& entry : map->entries) {
    auto resource = parse_resource(entry.key.value, entry.value);
    if (!resource) {
      return util::unexpected(std::move(resource.error()));
    }
    out.resources.push_back(std::move(*resource));
  }
  return {};
}

util::Result<void, TemplateError> read_outputs(const doc::Node& document, Template& out) {
  const doc::Node* outputs = document.find("Outputs");
  const doc::Mapping* map = outputs != nullptr ? outputs->as_mapping() : nullptr;
  if (outputs != nullptr && map == nullptr) {
    return format_error("unsupported structure.", *outputs);
  }
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    const doc::Entry& entry = map->entries[i];
    if (entry.value.as_mapping() == nullptr || entry.value.find("Value") == nullptr) {
      return format_error("Every Outputs member must contain a Value object", entry.value);
    }
    if (!is_alphanumeric(entry.key.value)) {
      return format_error("Output name " + entry.key.value + " is non alphanumeric.", entry.value);
    }
    out.outputs.push_back({entry.key.value, entry.value});
  }
  return {};
}

util::Result<void, TemplateError> read_parameters(const doc::Node& document, Template& out) {
  const doc::Node* parameters = document.find("Parameters");
  const doc::Mapping* map = parameters != nullptr ? parameters->as_mapping() : nullptr;
  if (parameters != nullptr && map == nullptr) {
    return format_error("unsupported structure.", *parameters);
  }
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    const doc::Entry& entry = map->entries[i];
    if (!is_alphanumeric(entry.key.value)) {
      return format_error("Parameter name " + entry.key.value + " is non alphanumeric.",
                          entry.value);
    }
    const doc::Node* type = entry.value.find("Type");
    if (type == nullptr || type->as_string() == nullptr) {
      return format_error("Every Parameters object must contain a Type member.", entry.value);
    }
    out.parameters.push_back({entry.key.value, *type->as_string(), entry.value});
  }
  return {};
}

util::Result<void, TemplateError> check_mappings(const doc::Node& mappings) {
  const doc::Mapping* names = mappings.as_mapping();
  if (names == nullptr) {
    return format_error("unsupported structure.", mappings);
  }
  for (const doc::Entry& name : names->entries) {
    const doc::Mapping* keys = name.value.as_mapping();
    if (keys == nullptr) {
      return format_error("Every Mappings member must be a map", name.value);
    }
    for (const doc::Entry& key : keys->entries) {
      const doc::Mapping* attributes = key.value.as_mapping();
      if (attributes == nullptr) {
        return format_error("Every Mappings member " + name.key.value + " must be a map",
                            key.value);
      }
      for (const doc::Entry& attribute : attributes->entries) {
        if (attribute.value.as_mapping() != nullptr) {
          return format_error("Every Mappings attribute must be a String or a List.",
                              attribute.value);
        }
      }
    }
  }
  return {};
}

// A reference that names nothing. Resources may name resources, parameters and pseudo parameters;
// conditions may not name resources.
util::Result<void, TemplateError> check_targets(const Template& t,
                                                const doc::Node& value,
                                                std::string_view block,
                                                std::set<std::string>& unresolved) {
  for (const Reference& r : references(value)) {
    if (r.target.starts_with("AWS::")) {
      continue;
    }
    const bool is_resource = t.find(r.target) != nullptr;
    if (r.function == "Fn::GetAtt" && !is_resource) {
      return util::unexpected(TemplateError{
          "Template error: instance of Fn::GetAtt references undefined resource " + r.target,
          value.span});
    }
    const bool is_parameter = std::any_of(t.parameters.begin(),
                                          t.parameters.end(),
                                          [&](const Parameter& p) { return p.name == r.target; });
    if ((is_resource && block != "Conditions") || is_parameter) {
      continue;
    }
    unresolved.insert(r.target);
  }
  return {};
}

util::Result<void, TemplateError> check_condition_names(const Template& t, const doc::Node& value) {
  for (const std::string& name : condition_names(value)) {
    if (t.conditions.find(name) == nullptr) {
      return util::unexpected(TemplateError{
          "Template error: unresolved condition dependency " + name + " in Fn::If", value.span});
    }
  }
  return {};
}

Failure unresolved_error(const std::set<std::string>& names, std::string_view block) {
  const std::vector<std::string> list(names.begin(), names.end());
  if (block == "Conditions") {
    return util::unexpected(
        TemplateError{"Template format error: Unresolved dependencies [" + util::join(list, ", ") +
                          "]. Cannot reference resources in the Conditions block of the template",
                      {}});
  }
  return util::unexpected(TemplateError{
      "Template format error: Unresolved resource dependencies [" + util::join(list, ", ") +
          "] in the " + std::string(block) + " block of the template",
      {}});
}

util::Result<void, TemplateError> check_resource_references(const Template& t) {
  std::set<std::string> unresolved;
  for (const Resource& r : t.resources) {
    if (auto ok = check_targets(t, r.properties, "Resources", unresolved); !ok) {
      return ok;
    }
    for (const LogicalId& id : r.depends_on) {
      if (t.find(id.str()) == nullptr) {
        unresolved.insert(id.str());
      }
    }
    if (r.condition && t.conditions.find(*r.condition) == nullptr) {
      return util::unexpected(
          TemplateError{"Template format error: Unresolved condition dependency " + *r.condition +
                            " in the Resources block of the template",
                        r.span});
    }
    if (auto ok = check_condition_names(t, r.properties); !ok) {
      return ok;
    }
  }
  if (!unresolved.empty()) {
    return unresolved_error(unresolved, "Resources");
  }
  return {};
}

bool has_type(const Template& t, std::initializer_list<std::string_view> types) {
  return std::any_of(t.resources.begin(), t.resources.end(), [&](const Resource& r) {
    return std::find(types.begin(), types.end(), r.type) != types.end();
  });
}

}  // namespace

util::Result<Template, TemplateError> parse(doc::Node document) {
  document = long_form(std::move(document));
  if (auto ok = check_sections(document); !ok) {
    return util::unexpected(std::move(ok.error()));
  }
  Template out;
  if (const doc::Node* description = document.find("Description")) {
    const std::string* text = description->as_string();
    if (text == nullptr) {
      return format_error("Every Description member must be a string.", *description);
    }
    out.description = *text;
  }
  if (const doc::Node* transform = document.find("Transform")) {
    return format_error("Transforms are not supported by the local engine.", *transform);
  }
  for (const auto& [section, target] : {std::pair{"Metadata", &out.metadata},
                                        std::pair{"Mappings", &out.mappings},
                                        std::pair{"Conditions", &out.conditions}}) {
    if (const doc::Node* body = document.find(section)) {
      *target = *body;
    }
  }
  if (!out.mappings.is_null()) {
    if (auto ok = check_mappings(out.mappings); !ok) {
      return util::unexpected(std::move(ok.error()));
    }
  }
  for (auto* step : {&read_resources, &read_parameters, &read_outputs}) {
    if (auto ok = (*step)(document, out); !ok) {
      return util::unexpected(std::move(ok.error()));
    }
  }
  if (auto ok = check_references(out); !ok) {
    return util::unexpected(std::move(ok.error()));
  }
  return out;
}

util::Result<void, TemplateError> check_references(const Template& t) {
  std::set<std::string> unresolved;
  if (auto ok = check_targets(t, t.conditions, "Conditions", unresolved); !ok) {
    return ok;
  }
  if (!unresolved.empty()) {
    return unresolved_error(unresolved, "Conditions");
  }
  if (auto ok = check_condition_names(t, t.conditions); !ok) {
    return ok;
  }
  if (auto ok = check_resource_references(t); !ok) {
    return ok;
  }
  for (const Output& output : t.outputs) {
    if (auto ok = check_targets(t, output.body, "Outputs", unresolved); !ok) {
      return ok;
    }
    const doc::Node* value = output.body.find("Value");
    if (auto ok = check_condition_names(t, *value); !ok) {
      return ok;
    }
  }
  if (!unresolved.empty()) {
    return unresolved_error(unresolved, "Outputs");
  }
  return {};
}

RequiredCapabilities required_capabilities(const Template& t) {
  const auto types = {std::string_view("AWS::IAM::Role"),
                      std::string_view("AWS::IAM::Policy"),
                      std::string_view("AWS::IAM::ManagedPolicy"),
                      std::string_view("AWS::IAM::User"),
                      std::string_view("AWS::IAM::Group"),
                      std::string_view("AWS::IAM::InstanceProfile"),
                      std::string_view("AWS::IAM::AccessKey")};
  if (!has_type(t, types)) {
    return {};
  }
  std::set<std::string> found;
  bool named = false;
  for (const Resource& r : t.resources) {
    if (std::find(types.begin(), types.end(), r.type) == types.end()) {
      continue;
    }
    found.insert(r.type);
    for (const std::string_view name :
         {"RoleName", "ManagedPolicyName", "UserName", "GroupName", "InstanceProfileName"}) {
      named = named || r.properties.find(name) != nullptr;
    }
  }
  return {{named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM"},
          "The following resource(s) require capabilities: [" +
              util::join({found.begin(), found.end()}, ", ") + "]"};
}

}  // namespace cloudformation
