#include "convert/overlay.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "cloudformation/parse.hpp"
#include "convert/legacy_ids.hpp"
#include "convert/patch.hpp"
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

namespace {

// The template with the overlay on it; unchanged after an error.
void merge_overlay(Builder& builder,
                   const doc::Node& overlay,
                   const cloudformation::Template& target,
                   doc::Node& document) {
  const doc::Mapping* sections = overlay.as_mapping();
  if (sections == nullptr) {
    builder.error(
        "convert.bad-extension", overlay.span, "`x-aws-cloudformation` must be a mapping");
    return;
  }
  check_sections(builder, *sections);
  const doc::Node current = with_current_ids(builder, overlay, target);
  if (!builder.has_errors()) {
    merge(document, current);
  }
}

const doc::Node* extension_of(const Builder& builder, std::string_view name) {
  const doc::Node* value = builder.project().extensions.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// What the converter made keeps the places of the Compose file.
void keep_places(const cloudformation::Template& old, cloudformation::Template& made) {
  std::map<std::string_view, diag::Span> places;
  for (const cloudformation::Resource& resource : old.resources) {
    places.emplace(resource.id.str(), resource.span);
  }
  for (cloudformation::Resource& resource : made.resources) {
    const auto place = places.find(resource.id.str());
    if (place != places.end()) {
      resource.span = place->second;
    }
  }
}

}  // namespace

void apply_overlay(Builder& builder, cloudformation::Template& target) {
  const doc::Node* overlay = extension_of(builder, "x-aws-cloudformation");
  const doc::Node* patch = extension_of(builder, "x-aws-patch");
  if (overlay == nullptr && patch == nullptr) {
    return;
  }
  doc::Node document = cloudformation::to_node(target);
  if (overlay != nullptr) {
    merge_overlay(builder, *overlay, target, document);
  }
  if (!builder.has_errors()) {
    apply_patch(builder, target, document);
  }
  if (builder.has_errors()) {
    return;
  }
  auto parsed = cloudformation::parse(std::move(document));
  if (!parsed) {
    const diag::Span whole = overlay != nullptr ? overlay->span : patch->span;
    const diag::Span place = parsed.error().span.file.value == 0 ? whole : parsed.error().span;
    builder.error("convert.bad-overlay",
                  place,
                  "the template with `x-aws-cloudformation` or `x-aws-patch` is not valid: " +
                      parsed.error().message);
    return;
  }
  keep_places(target, *parsed);
  target = std::move(*parsed);
}

}  // namespace convert
