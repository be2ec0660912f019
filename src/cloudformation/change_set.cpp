#include "cloudformation/change_set.hpp"

#include <algorithm>
#include <utility>

#include "cloudformation/intrinsics.hpp"

namespace cloudformation {
namespace {

// What references see before anything was executed: the deployed resources, and no new or replaced
// ones.
class PlannedSurroundings final : public Surroundings {
 public:
  PlannedSurroundings(const ChangeInput& input, const std::set<std::string>& replaced)
      : input_(input), replaced_(replaced) {}

  Evaluated<doc::Node> ref(const Resource& resource) const override {
    const Deployed* deployed = known(resource);
    return deployed != nullptr ? doc::Node{deployed->physical_id} : doc::Node{kKnownAfterApply};
  }

  Evaluated<doc::Node> attribute(const Resource& resource, std::string_view name) const override {
    const Deployed* deployed = known(resource);
    if (deployed != nullptr) {
      if (const auto at = deployed->attributes.find(name); at != deployed->attributes.end()) {
        return at->second;
      }
    }
    return doc::Node{kKnownAfterApply};
  }

  Evaluated<doc::Node> imported(std::string_view name) const override {
    return input_.outside.imported(name);
  }

  Evaluated<std::string> dynamic(const DynamicReference& reference) const override {
    return input_.outside.dynamic(reference);
  }

 private:
  [[nodiscard]] const Deployed* known(const Resource& resource) const {
    const auto at = input_.deployed.find(resource.id.str());
    return at == input_.deployed.end() || replaced_.contains(resource.id.str()) ? nullptr
                                                                                : &at->second;
  }

  const ChangeInput& input_;
  const std::set<std::string>& replaced_;
};

class Planner {
 public:
  explicit Planner(const ChangeInput& input)
      : input_(input), scope_values_(to_scope(input.parameters)), surroundings_(input, replaced_) {}

  Evaluated<std::vector<Change>> plan();

 private:
  Evaluated<void> plan_resource(const Resource& resource);
  void plan_removals();
  Change modification(const Resource& resource, const Deployed& before, const doc::Node& after);
  void add_details(Change& change, const Resource& resource, const std::string& property);
  void add_dynamic_attributes(Change& change, const Resource& resource);
  [[nodiscard]] bool parameter_changed(const std::string& name) const;
  static void conclude(Change& change, const Resource& resource);

  const ChangeInput& input_;
  Parameters scope_values_;
  std::set<std::string> replaced_;
  std::set<std::string> modified_;
  PlannedSurroundings surroundings_;
  std::vector<Change> changes_;
};

bool Planner::parameter_changed(const std::string& name) const {
  const auto find = [&](const std::vector<ParameterValue>& values) -> const ParameterValue* {
    const auto at = std::find_if(
        values.begin(), values.end(), [&](const ParameterValue& v) { return v.name == name; });
    return at == values.end() ? nullptr : &*at;
  };
  const ParameterValue* before = find(input_.previous_parameters);
  const ParameterValue* after = find(input_.parameters);
  return after != nullptr && (before == nullptr || before->value != after->value);
}

void Planner::add_details(Change& change, const Resource& resource, const std::string& property) {
  ChangeDetail base;
  base.property = property;
  const doc::Node* before = change.before.find(property);
  const doc::Node* after = change.after.find(property);
  base.kind = before == nullptr ? "Add" : (after == nullptr ? "Remove" : "Modify");
  base.before = before != nullptr ? *before : doc::Node{};
  base.after = after != nullptr ? *after : doc::Node{};
  base.recreation = recreation_for(resource.type, {property});

  const doc::Node* written = resource.properties.find(property);
  bool by_parameter = false;
  bool by_resource = false;
  std::vector<std::string> seen;
  for (const Reference& r : written != nullptr ? references(*written) : std::vector<Reference>{}) {
    ChangeDetail detail = base;
    detail.causing_entity = r.attribute.empty() ? r.target : r.target + "." + r.attribute;
    if (std::find(seen.begin(), seen.end(), detail.causing_entity) != seen.end()) {
      continue;
    }
    if (parameter_changed(r.target)) {
      detail.cause = Cause::parameter_reference;
      by_parameter = true;
    } else if (replaced_.contains(r.target)) {
      detail.cause = r.attribute.empty() ? Cause::resource_reference : Cause::resource_attribute;
      by_resource = true;
    } else {
      continue;
    }
    seen.push_back(detail.causing_entity);
    change.details.push_back(std::move(detail));
  }
  base.is_static = !by_parameter && !by_resource;
  base.with_values_only = by_resource && !by_parameter;
  change.details.push_back(std::move(base));
}

// Fn::GetAtt of a resource that changes in place: without values AWS says that it may change.
void Planner::add_dynamic_attributes(Change& change, const Resource& resource) {
  const doc::Mapping* map = resource.properties.as_mapping();
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    const doc::Entry& entry = map->entries[i];
    for (const Reference& r : references(entry.value)) {
      if (r.attribute.empty() || !modified_.contains(r.target) || replaced_.contains(r.target)) {
        continue;
      }
      ChangeDetail detail;
      detail.property = entry.key.value;
      detail.recreation = recreation_for(resource.type, {entry.key.value});
      detail.is_static = false;
      detail.cause = Cause::resource_attribute;
      detail.causing_entity = r.target + "." + r.attribute;
      detail.without_values_only = true;
      change.details.push_back(std::move(detail));
    }
  }
}

void Planner::conclude(Change& change, const Resource& resource) {
  change.replacement = Replacement::no;
  for (const ChangeDetail& detail : change.details) {
    if (detail.recreation == Recreation::always && detail.is_static) {
      change.replacement = Replacement::yes;
    } else if (detail.recreation != Recreation::never && change.replacement == Replacement::no) {
      change.replacement = Replacement::conditional;
    }
    if (std::find(change.scope.begin(), change.scope.end(), detail.attribute) ==
        change.scope.end()) {
      change.scope.push_back(detail.attribute);
    }
  }
  if (change.replacement == Replacement::yes) {
    change.policy_action = "ReplaceAnd" + resource.update_replace_policy.value_or("Delete");
  }
}

Change Planner::modification(const Resource& resource,
                             const Deployed& before,
                             const doc::Node& after) {
  Change out;
  out.action = Action::modify;
  out.id = resource.id.str();
  out.type = resource.type;
  out.physical_id = before.physical_id;
  out.before = before.properties;
  out.after = after;
  for (const std::string& property : changed_properties(before.properties, after)) {
    add_details(out, resource, property);
  }
  const bool by_value = !out.details.empty();
  add_dynamic_attributes(out, resource);
  const ResourceSchema* schema = find_schema(resource.type);
  if (input_.tags_changed && schema != nullptr && schema->taggable) {
    ChangeDetail tags;
    tags.attribute = "Tags";
    out.details.push_back(std::move(tags));
    out.without_values_only = false;
  } else {
    out.without_values_only = !by_value;
  }
  conclude(out, resource);
  return out;
}

Evaluated<void> Planner::plan_resource(const Resource& resource) {
  const Scope scope{
      input_.document, scope_values_, input_.conditions, input_.pseudo, surroundings_};
  auto after = evaluate(resource.properties, scope);
  if (!after) {
    return util::unexpected(std::move(after.error()));
  }
  const std::string& id = resource.id.str();
  const auto at = input_.deployed.find(id);
  if (at == input_.deployed.end()) {
    Change added;
    added.id = id;
    added.type = resource.type;
    added.after = std::move(*after);
    changes_.push_back(std::move(added));
    return {};
  }
  Change change = modification(resource, at->second, *after);
  if (change.details.empty()) {
    return {};
  }
  modified_.insert(id);
  if (change.replacement == Replacement::yes) {
    replaced_.insert(id);
  }
  changes_.push_back(std::move(change));
  return {};
}

void Planner::plan_removals() {
  for (const auto& [id, deployed] : input_.deployed) {
    const Resource* kept = input_.document.find(id);
    if (kept != nullptr && is_active(*kept, input_.conditions)) {
      continue;
    }
    Change removed;
    removed.action = Action::remove;
    removed.id = id;
    removed.type = deployed.type;
    removed.physical_id = deployed.physical_id;
    removed.before = deployed.properties;
    removed.policy_action = deployed.deletion_policy.empty() ? "Delete" : deployed.deletion_policy;
    if (removed.policy_action == "RetainExceptOnCreate") {
      removed.policy_action = "Retain";
    }
    changes_.push_back(std::move(removed));
  }
}

Evaluated<std::vector<Change>> Planner::plan() {
  const auto active = [this](const Resource& r) { return is_active(r, input_.conditions); };
  auto graph = make_graph(input_.document, active);
  if (!graph) {
    return util::unexpected(std::move(graph.error().message));
  }
  for (const std::size_t i : graph->order()) {
    const Resource& resource = input_.document.resources[i];
    if (!active(resource)) {
      continue;
    }
    if (auto ok = plan_resource(resource); !ok) {
      return util::unexpected(std::move(ok.error()));
    }
  }
  plan_removals();
  std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
    return a.id < b.id;
  });
  return std::move(changes_);
}

}  // namespace

std::vector<std::string> changed_properties(const doc::Node& before, const doc::Node& after) {
  std::vector<std::string> out;
  const doc::Mapping* after_map = after.as_mapping();
  for (std::size_t i = 0; after_map != nullptr && i < after_map->entries.size(); ++i) {
    const doc::Entry& entry = after_map->entries[i];
    const doc::Node* old = before.find(entry.key.value);
    if (old == nullptr || !doc::equivalent(*old, entry.value)) {
      out.push_back(entry.key.value);
    }
  }
  const doc::Mapping* before_map = before.as_mapping();
  for (std::size_t i = 0; before_map != nullptr && i < before_map->entries.size(); ++i) {
    const std::string& key = before_map->entries[i].key.value;
    if (after.find(key) == nullptr) {
      out.push_back(key);
    }
  }
  return out;
}

Recreation recreation_for(std::string_view type, const std::vector<std::string>& properties) {
  const ResourceSchema* schema = find_schema(type);
  Recreation out = Recreation::never;
  for (const std::string& name : properties) {
    const Property* property = schema != nullptr ? schema->find(name) : nullptr;
    if (property != nullptr) {
      out = std::max(out, property->recreation);
    }
  }
  return out;
}

Evaluated<std::vector<Change>> plan_changes(const ChangeInput& input) {
  return Planner(input).plan();
}

}  // namespace cloudformation
