#include "convert/overlay.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "cloudformation/parse.hpp"
#include "convert/naming.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

bool is_function_call(const doc::Mapping& mapping) {
  return mapping.entries.size() == 1 && (mapping.entries.front().key.value == "Ref" ||
                                         mapping.entries.front().key.value.starts_with("Fn::"));
}

// The member that tells the things of a list apart: a container's Name, a tag's Key.
std::string_view identity_key(const doc::Node& item) {
  for (const std::string_view key : {"Name", "Key"}) {
    const doc::Node* value = item.find(key);
    if (value != nullptr && value->as_string() != nullptr) {
      return key;
    }
  }
  return {};
}

bool has_identities(const doc::Sequence& list) {
  return !list.items.empty() &&
         std::all_of(list.items.begin(), list.items.end(), [](const auto& item) {
           return !identity_key(item).empty();
         });
}

doc::Node* find_named(doc::Sequence& list, std::string_view key, std::string_view name) {
  for (doc::Node& item : list.items) {
    const doc::Node* value = item.find(key);
    if (value != nullptr && value->as_string() != nullptr && *value->as_string() == name) {
      return &item;
    }
  }
  return nullptr;
}

void merge(doc::Node& target, const doc::Node& overlay);

void merge_mapping(doc::Mapping& target, const doc::Mapping& overlay) {
  for (const doc::Entry& entry : overlay.entries) {
    if (entry.value.is_null()) {
      target.erase(entry.key.value);
    } else if (doc::Node* old = target.find(entry.key.value)) {
      merge(*old, entry.value);
    } else {
      target.entries.push_back(entry);
    }
  }
}

void merge_named(doc::Sequence& target,
                 std::string_view key,
                 std::string_view name,
                 const doc::Node& overlay) {
  doc::Node* old = find_named(target, key, name);
  if (overlay.is_null()) {
    std::erase_if(target.items, [&](const doc::Node& item) { return &item == old; });
  } else if (old != nullptr) {
    merge(*old, overlay);
  } else {
    doc::Node added = overlay;
    if (doc::Mapping* mapping = added.as_mapping()) {
      mapping->set(key, doc::Node(name));
    }
    target.items.push_back(std::move(added));
  }
}

bool merge_list(doc::Sequence& target, const doc::Node& overlay) {
  if (!has_identities(target)) {
    return false;
  }
  const std::string_view key = identity_key(target.items.front());
  if (const doc::Mapping* by_name = overlay.as_mapping();
      by_name != nullptr && !is_function_call(*by_name)) {
    for (const doc::Entry& entry : by_name->entries) {
      merge_named(target, key, entry.key.value, entry.value);
    }
    return true;
  }
  const doc::Sequence* list = overlay.as_sequence();
  if (list == nullptr || !has_identities(*list)) {
    return false;
  }
  for (const doc::Node& item : list->items) {
    merge_named(target, key, *item.find(identity_key(item))->as_string(), item);
  }
  return true;
}

void merge(doc::Node& target, const doc::Node& overlay) {
  doc::Mapping* old = target.as_mapping();
  const doc::Mapping* added = overlay.as_mapping();
  if (old != nullptr && added != nullptr && !is_function_call(*old) && !is_function_call(*added)) {
    merge_mapping(*old, *added);
  } else if (doc::Sequence* list = target.as_sequence();
             list == nullptr || !merge_list(*list, overlay)) {
    target = overlay;
  }
}

// How the earlier tools spelled the ids of this template, where they differ.
class LegacyIds {
 public:
  LegacyIds(const compose::Project& project, const cloudformation::Template& target) {
    const std::string project_part = legacy_id_part(project.name);
    for (const cloudformation::Resource& resource : target.resources) {
      const std::string& id = resource.id.str();
      for (const auto& [name, service] : project.services) {
        add_spelling(id, id_part(name), {legacy_id_part(name)});
      }
      for (const auto& [name, network] : project.networks) {
        const std::string part = legacy_id_part(name);
        add_spelling(id, id_part(name), {part, project_part + part});
      }
    }
    add_balancer_ids(project, target, project_part);
    for (const cloudformation::Resource& resource : target.resources) {
      ids_.erase(resource.id.str());  // a real id means itself
    }
  }

  [[nodiscard]] std::string current(const std::string& id) const {
    const auto at = ids_.find(id);
    return at == ids_.end() ? id : at->second;
  }

 private:
  // What was a listener of one service is a listener of all that publish the port over HTTP, and
  // the load balancer may be the application one.
  void add_balancer_ids(const compose::Project& project,
                        const cloudformation::Template& target,
                        const std::string& project_part) {
    const std::string balancer =
        target.find("LoadBalancer") != nullptr ? "LoadBalancer" : "ApplicationLoadBalancer";
    ids_.emplace(project_part + "LoadBalancer", balancer);
    ids_.emplace("LoadBalancer", balancer);
    std::set<std::string> listeners;
    for (const cloudformation::Resource& resource : target.resources) {
      if (resource.id.str().starts_with("Port")) {
        listeners.insert(resource.id.str());
      }
    }
    for (const auto& [name, service] : project.services) {
      for (const auto& port : service.ports) {
        const std::string number = std::to_string(port.value.target);
        const std::string published = port.value.published.empty() ? number : port.value.published;
        if (listeners.contains("Port" + published + "Listener")) {
          ids_.emplace(legacy_id_part(name) + "TCP" + number + "Listener",
                       "Port" + published + "Listener");
          ids_.emplace(id_part(name) + "TCP" + published + "Listener",
                       "Port" + published + "Listener");
        }
      }
    }
  }

  void add_spelling(const std::string& id,
                    const std::string& part,
                    const std::vector<std::string>& old_parts) {
    if (!id.starts_with(part)) {
      return;
    }
    const std::string rest = id.substr(part.size());
    for (const std::string& old_part : old_parts) {
      ids_.emplace(old_part + rest, id);
      if (rest.starts_with("TCP") && rest.ends_with("Ingress")) {
        ids_.emplace(old_part + rest.substr(3), id);  // Default5000Ingress
        if (rest.ends_with("HttpIngress")) {
          ids_.emplace(old_part + rest.substr(3, rest.size() - 14) + "Ingress", id);
        }
      }
    }
  }

  std::map<std::string, std::string> ids_;
};

std::vector<std::string> resource_ids(const cloudformation::Template& target) {
  std::vector<std::string> ids;
  for (const cloudformation::Resource& resource : target.resources) {
    ids.push_back(resource.id.str());
  }
  return ids;
}

// The overlay with today's ids, and an error for each resource that does not exist.
doc::Node with_current_ids(Builder& builder,
                           const doc::Node& overlay,
                           const cloudformation::Template& target) {
  doc::Node out = overlay;
  doc::Node* resources = out.find("Resources");
  doc::Mapping* mapping = resources == nullptr ? nullptr : resources->as_mapping();
  if (mapping == nullptr) {
    return out;
  }
  const LegacyIds legacy(builder.project(), target);
  for (doc::Entry& entry : mapping->entries) {
    entry.key.value = legacy.current(entry.key.value);
    if (target.find(entry.key.value) == nullptr && entry.value.find("Type") == nullptr) {
      const auto guess = util::nearest(entry.key.value, resource_ids(target));
      builder.error("convert.unknown-resource",
                    entry.key.span,
                    "the template has no resource `" + entry.key.value + "`",
                    guess ? "did you mean `" + *guess + "`?" : "a new resource needs a `Type`");
    }
  }
  return out;
}

void check_sections(Builder& builder, const doc::Mapping& overlay) {
  static const std::vector<std::string> known = {
      "Conditions", "Description", "Mappings", "Metadata", "Outputs", "Parameters", "Resources"};
  for (const doc::Entry& entry : overlay.entries) {
    if (std::find(known.begin(), known.end(), entry.key.value) == known.end()) {
      const auto guess = util::nearest(entry.key.value, known);
      builder.error("convert.unknown-section",
                    entry.key.span,
                    "`" + entry.key.value + "` is no section of a template",
                    guess ? "did you mean `" + *guess + "`?" : std::string());
    }
  }
}

}  // namespace

void apply_overlay(Builder& builder, cloudformation::Template& target) {
  const doc::Node* overlay = builder.project().extensions.find("x-aws-cloudformation");
  if (overlay == nullptr || overlay->is_null()) {
    return;
  }
  const doc::Mapping* sections = overlay->as_mapping();
  if (sections == nullptr) {
    builder.error(
        "convert.bad-extension", overlay->span, "`x-aws-cloudformation` must be a mapping");
    return;
  }
  check_sections(builder, *sections);
  const doc::Node current = with_current_ids(builder, *overlay, target);
  if (builder.has_errors()) {
    return;
  }
  doc::Node document = cloudformation::to_node(target);
  merge(document, current);
  auto parsed = cloudformation::parse(std::move(document));
  if (!parsed) {
    const diag::Span place =
        parsed.error().span.file.value == 0 ? overlay->span : parsed.error().span;
    builder.error(
        "convert.bad-overlay",
        place,
        "the template with `x-aws-cloudformation` is not valid: " + parsed.error().message);
    return;
  }
  target = std::move(*parsed);
}

}  // namespace convert
