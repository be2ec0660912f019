#include "cloudformation/template.hpp"

#include <utility>

namespace cloudformation {
namespace {

void set_unless_null(doc::Mapping& out, std::string_view key, doc::Node&& value) {
  if (!value.is_null()) {
    out.set(key, std::move(value));
  }
}

void set_optional(doc::Mapping& out,
                  std::string_view key,
                  const std::optional<std::string>& value) {
  if (value) {
    out.set(key, doc::Node{*value});
  }
}

doc::Node depends_on_node(const std::vector<LogicalId>& ids) {
  if (ids.size() == 1) {
    return doc::Node{ids.front().str()};
  }
  doc::Sequence out;
  for (const LogicalId& id : ids) {
    out.items.emplace_back(id.str());
  }
  return doc::Node{std::move(out)};
}

doc::Node resource_node(Resource&& r) {
  doc::Mapping out;
  out.entries.reserve(4);
  out.set("Type", doc::Node{r.type});
  set_optional(out, "Condition", r.condition);
  if (!r.depends_on.empty()) {
    out.set("DependsOn", depends_on_node(r.depends_on));
  }
  set_optional(out, "DeletionPolicy", r.deletion_policy);
  set_optional(out, "UpdateReplacePolicy", r.update_replace_policy);
  set_unless_null(out, "Metadata", std::move(r.metadata));
  if (doc::Mapping* other = r.other.as_mapping()) {
    for (doc::Entry& entry : other->entries) {
      out.set(entry.key.value, std::move(entry.value));
    }
  }
  set_unless_null(out, "Properties", std::move(r.properties));
  return doc::Node{std::move(out)};
}

// {key: value}, moved in.
doc::Node single(std::string_view key, doc::Node value) {
  doc::Mapping out;
  out.entries.reserve(1);
  out.entries.push_back({{std::string(key), {}}, std::move(value)});
  return doc::Node{std::move(out)};
}

template <class... Items>
doc::Node list_of(Items&&... items) {
  doc::Sequence out;
  out.items.reserve(sizeof...(items));
  (out.items.emplace_back(std::forward<Items>(items)), ...);
  return doc::Node{std::move(out)};
}

}  // namespace

const Resource* Template::find(std::string_view logical_id) const {
  for (const Resource& resource : resources) {
    if (resource.id.str() == logical_id) {
      return &resource;
    }
  }
  return nullptr;
}

doc::Node to_node(Template t) {
  doc::Mapping out;
  out.set("AWSTemplateFormatVersion", doc::Node{"2010-09-09"});
  if (!t.description.empty()) {
    out.set("Description", doc::Node{t.description});
  }
  set_unless_null(out, "Metadata", std::move(t.metadata));
  doc::Mapping parameters;
  for (Parameter& p : t.parameters) {
    parameters.set(p.name, std::move(p.body));
  }
  if (!parameters.entries.empty()) {
    out.set("Parameters", doc::Node{std::move(parameters)});
  }
  set_unless_null(out, "Mappings", std::move(t.mappings));
  set_unless_null(out, "Conditions", std::move(t.conditions));
  doc::Mapping resources;
  resources.entries.reserve(t.resources.size());
  for (Resource& r : t.resources) {
    resources.entries.push_back({{r.id.str(), r.span}, resource_node(std::move(r))});
  }
  out.set("Resources", doc::Node{std::move(resources)});
  doc::Mapping outputs;
  for (Output& o : t.outputs) {
    outputs.set(o.name, std::move(o.body));
  }
  if (!outputs.entries.empty()) {
    out.set("Outputs", doc::Node{std::move(outputs)});
  }
  return doc::Node{std::move(out)};
}

doc::Node ref(std::string_view target) {
  return single("Ref", doc::Node{target});
}

doc::Node get_att(std::string_view target, std::string_view attribute) {
  return single("Fn::GetAtt", list_of(target, attribute));
}

doc::Node sub(std::string_view pattern) {
  return single("Fn::Sub", doc::Node{pattern});
}

doc::Node join(std::string_view separator, std::vector<doc::Node> parts) {
  return single("Fn::Join", list_of(separator, doc::Sequence{std::move(parts)}));
}

doc::Node if_(std::string_view condition, doc::Node then, doc::Node otherwise) {
  return single("Fn::If", list_of(condition, std::move(then), std::move(otherwise)));
}

}  // namespace cloudformation
