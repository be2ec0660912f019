#include "cloudformation/schema.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "cloudformation/evaluate.hpp"
#include "cloudformation/intrinsics.hpp"
#include "cloudformation/schema_table.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

// Calls `visit` with every blank-separated word.
template <class F>
void each_word(std::string_view text, F visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      visit(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Property parse_property(std::string_view word) {
  const std::size_t colon = word.find(':');
  Property out{word.substr(0, colon), word[colon + 1], false, Recreation::never};
  for (const char mark : word.substr(colon + 2)) {
    out.required = out.required || mark == '*';
    if (mark == '!') {
      out.recreation = Recreation::always;
    } else if (mark == '~') {
      out.recreation = Recreation::conditionally;
    }
  }
  return out;
}

const std::map<std::string_view, ResourceSchema>& schemas() {
  static const std::map<std::string_view, ResourceSchema> table = [] {
    std::map<std::string_view, ResourceSchema> out;
    for (const SchemaRow& row : kSchemaRows) {
      ResourceSchema schema{row.type, {}, {}, false};
      each_word(row.properties,
                [&](std::string_view w) { schema.properties.push_back(parse_property(w)); });
      each_word(row.attributes, [&](std::string_view w) { schema.attributes.push_back(w); });
      schema.taggable =
          std::any_of(schema.properties.begin(), schema.properties.end(), [](const Property& p) {
            return p.name == "Tags" || p.name == "FileSystemTags" || p.name == "AccessPointTags";
          });
      out.emplace(row.type, std::move(schema));
    }
    return out;
  }();
  return table;
}

std::string failed(const Resource& r, const std::string& what) {
  return "Properties validation failed for resource " + r.id.str() + " with message:\n#" + what;
}

std::string_view kind_name(char kind) {
  switch (kind) {
    case 'l': return "JSONArray";
    case 'i': return "Integer";
    case 'b': return "Boolean";
    case 'o':
    case 'm': return "JSONObject";
    default: return "String";
  }
}

// Literal values only: what a function yields is checked when it is known. CloudFormation turns
// scalars into each other, so "80" is an integer.
bool fits(const doc::Node& value, char kind) {
  if (as_call(value)) {
    return true;
  }
  const auto text = scalar_text(value);
  switch (kind) {
    case 's': return text.has_value();
    case 'i': return text && (util::parse_int(*text) || has_dynamic(value));
    case 'b': return text && (util::iequals(*text, "true") || util::iequals(*text, "false"));
    case 'l': return value.as_sequence() != nullptr;
    case 'o':
    case 'm': return value.as_mapping() != nullptr;
    default: return true;
  }
}

std::string_view actual_kind(const doc::Node& value) {
  if (value.as_sequence() != nullptr) {
    return "JSONArray";
  }
  return value.as_mapping() != nullptr ? "JSONObject" : "String";
}

std::optional<std::string> property_problem(const Resource& r, const ResourceSchema& schema) {
  const doc::Mapping* map = r.properties.as_mapping();
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    const doc::Entry& entry = map->entries[i];
    const Property* property = schema.find(entry.key.value);
    if (property == nullptr) {
      return failed(r, ": extraneous key [" + entry.key.value + "] is not permitted");
    }
    if (!fits(entry.value, property->kind)) {
      return failed(r,
                    "/" + entry.key.value +
                        ": expected type: " + std::string(kind_name(property->kind)) +
                        ", found: " + std::string(actual_kind(entry.value)));
    }
  }
  for (const Property& property : schema.properties) {
    if (property.required && r.properties.find(property.name) == nullptr) {
      return failed(r, ": required key [" + std::string(property.name) + "] not found");
    }
  }
  return std::nullopt;
}

// Fn::GetAtt and ${Name.Attribute} of attributes that the type does not have.
std::optional<std::string> attribute_problem(const Template& t, const doc::Node& value) {
  for (const Reference& reference : references(value)) {
    const Resource* target = reference.attribute.empty() ? nullptr : t.find(reference.target);
    const ResourceSchema* schema = target != nullptr ? find_schema(target->type) : nullptr;
    if (schema != nullptr &&
        std::find(schema->attributes.begin(), schema->attributes.end(), reference.attribute) ==
            schema->attributes.end()) {
      return "Template error: resource " + reference.target + " does not support attribute type " +
             reference.attribute + " in Fn::GetAtt";
    }
  }
  return std::nullopt;
}

}  // namespace

const Property* ResourceSchema::find(std::string_view property) const {
  const auto at = std::find_if(
      properties.begin(), properties.end(), [&](const Property& p) { return p.name == property; });
  return at == properties.end() ? nullptr : &*at;
}

const ResourceSchema* find_schema(std::string_view type) {
  const auto at = schemas().find(type);
  return at == schemas().end() ? nullptr : &at->second;
}

std::vector<std::string_view> known_types() {
  std::vector<std::string_view> out;
  for (const auto& [type, schema] : schemas()) {
    out.push_back(type);
  }
  return out;
}

util::Result<void, TemplateError> check_types(const Template& t) {
  std::vector<std::string> unknown;
  for (const Resource& r : t.resources) {
    if (find_schema(r.type) == nullptr &&
        std::find(unknown.begin(), unknown.end(), r.type) == unknown.end()) {
      unknown.push_back(r.type);
    }
  }
  if (!unknown.empty()) {
    return util::unexpected(TemplateError{
        "Template format error: Unrecognized resource types: [" + util::join(unknown, ", ") + "]",
        {}});
  }
  for (const Resource& r : t.resources) {
    if (auto problem = property_problem(r, *find_schema(r.type))) {
      return util::unexpected(TemplateError{std::move(*problem), r.span});
    }
    if (auto problem = attribute_problem(t, r.properties)) {
      return util::unexpected(TemplateError{std::move(*problem), r.span});
    }
  }
  for (const Output& output : t.outputs) {
    if (auto problem = attribute_problem(t, output.body)) {
      return util::unexpected(TemplateError{std::move(*problem), output.body.span});
    }
  }
  return {};
}

}  // namespace cloudformation
