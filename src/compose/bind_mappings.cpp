#include <string>
#include <utility>

#include "compose/bind_values.hpp"
#include "compose/go_text.hpp"

namespace compose {
namespace {

// Sorted by key; of equal keys the last one stays.
void sort_unique(doc::Mapping& mapping) {
  sort_by_key(mapping);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < mapping.entries.size(); ++i) {
    if (kept > 0 && mapping.entries[kept - 1].key.value == mapping.entries[i].key.value) {
      mapping.entries[kept - 1] = std::move(mapping.entries[i]);
    } else {
      if (kept != i) {
        mapping.entries[kept] = std::move(mapping.entries[i]);
      }
      ++kept;
    }
  }
  mapping.entries.resize(kept);
}

}  // namespace

bool bind_pairs(doc::Node& node, BindPlace& at, std::string_view what, bool variables) {
  if (doc::Mapping* mapping = node.as_mapping()) {
    for (doc::Entry& entry : mapping->entries) {
      if (!entry.value.is_null()) {
        set_text(entry.value, plain_text(entry.value));
      } else if (!variables) {
        set_text(entry.value, "");
      }
    }
    sort_by_key(*mapping);
    return true;
  }
  doc::Sequence* sequence = node.as_sequence();
  if (sequence == nullptr) {
    return at.fail(
        node,
        "unexpected value type " + std::string(type_name(node)) + " for " + std::string(what));
  }
  doc::Mapping out;
  out.entries.reserve(sequence->items.size());
  for (const doc::Node& item : sequence->items) {
    const std::string pair = plain_text(item);
    const std::size_t equals = pair.find('=');
    std::string key = pair.substr(0, equals);
    if (variables && !key.empty() &&
        (key.back() == ' ' || (key.back() >= '\t' && key.back() <= '\r'))) {
      return at.fail(item, "environment variable " + key + " is declared with a trailing space");
    }
    doc::Node value = placed(doc::Node{}, item.span);
    if (equals != std::string::npos) {
      value.value = pair.substr(equals + 1);
    } else if (!variables) {
      value.value = std::string();
    }
    out.entries.push_back({{std::move(key), item.span}, std::move(value)});
  }
  sort_unique(out);
  node = placed(doc::Node{std::move(out)}, node.span);
  return true;
}

bool bind_options(doc::Node& node, BindPlace& at) {
  if (node.as_mapping() == nullptr) {
    return at.fail(node, "invalid type " + std::string(type_name(node)) + " for options");
  }
  return bind_pairs(node, at, "options", false);
}

bool bind_multi_options(doc::Node& node, BindPlace& at) {
  doc::Mapping* mapping = node.as_mapping();
  if (mapping == nullptr) {
    return at.fail(node, "invalid type " + std::string(type_name(node)) + " for options");
  }
  for (doc::Entry& entry : mapping->entries) {
    if (entry.value.as_sequence() == nullptr) {
      entry.value = placed(doc::list({entry.value}), entry.value.span);
    }
    for (doc::Node& item : entry.value.as_sequence()->items) {
      set_text(item, plain_text(item));
    }
  }
  sort_by_key(*mapping);
  return true;
}

bool bind_text_map(doc::Node& node, BindPlace& at) {
  doc::Mapping* mapping = node.as_mapping();
  if (mapping == nullptr) {
    return at.fail(node,
                   "expected type 'map[string]string', got unconvertible type '" +
                       std::string(type_name(node)) + "'");
  }
  bool good = true;
  for (doc::Entry& entry : mapping->entries) {
    at.entry(entry.key.value);
    good = (entry.value.is_null() || bind_string(entry.value, at)) && good;
    at.pop();
    if (entry.value.is_null()) {
      set_text(entry.value, "");
    }
  }
  sort_by_key(*mapping);
  return good;
}

bool bind_ulimits(doc::Node& node, BindPlace& at) {
  doc::Mapping* mapping = node.as_mapping();
  if (mapping == nullptr) {
    return at.unconvertible(node, "map[string]*types.UlimitsConfig");
  }
  for (doc::Entry& entry : mapping->entries) {
    doc::Node& limit = entry.value;
    if (limit.is_null() || (limit.as_int() != nullptr && *limit.as_int() != 0)) {
      continue;
    }
    const auto part = [&](std::string_view name) {
      const doc::Node* value = limit.find(name);
      return value != nullptr && value->as_int() != nullptr
                 ? placed(doc::Node{*value->as_int()}, value->span)
                 : placed(doc::Node{0}, limit.span);
    };
    limit = placed(doc::map({{"soft", part("soft")}, {"hard", part("hard")}}), limit.span);
  }
  sort_by_key(*mapping);
  return true;
}

}  // namespace compose
