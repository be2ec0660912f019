#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_set>

#include "compose/schema_type.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

bool key_has_form(std::string_view key, KeyForm form) {
  const auto all = [&](auto good) {
    return !key.empty() && std::all_of(key.begin(), key.end(), good);
  };
  switch (form) {
    case KeyForm::extension: return key.starts_with("x-");
    case KeyForm::name:
      return all([](char c) { return util::is_alnum(c) || c == '.' || c == '_' || c == '-'; });
    case KeyForm::any: return !key.empty();
    case KeyForm::lower: return all([](char c) { return c >= 'a' && c <= 'z'; });
  }
  return false;
}

// Contains [a-zA-Z0-9][a-zA-Z0-9_.-]+
bool looks_like_container_name(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const char next = text[i + 1];
    if (util::is_alnum(text[i]) &&
        (util::is_alnum(next) || next == '_' || next == '.' || next == '-')) {
      return true;
    }
  }
  return false;
}

bool looks_like_pull_policy(std::string_view text) {
  for (const std::string_view word :
       {"always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"}) {
    if (text.find(word) != std::string_view::npos) {
      return true;
    }
  }
  for (std::size_t at = text.find("every_"); at != std::string_view::npos;
       at = text.find("every_", at + 1)) {
    std::size_t i = at + 6;
    const std::size_t digits = i;
    while (i < text.size() && util::is_digit(text[i])) {
      ++i;
    }
    if (i > digits && i < text.size() &&
        std::string_view("wdhms").find(text[i]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

const Schema* property(const Schema& schema, std::string_view key) {
  const auto at = std::lower_bound(
      schema.properties.begin(),
      schema.properties.end(),
      key,
      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return at != schema.properties.end() && at->first == key ? at->second : nullptr;
}

bool mapping_matches(const doc::Mapping& mapping, const Schema& schema) {
  for (const std::string_view key : schema.required) {
    if (mapping.find(key) == nullptr) {
      return false;
    }
  }
  return std::all_of(mapping.entries.begin(), mapping.entries.end(), [&](const doc::Entry& entry) {
    const KeyMatch match = match_key(schema, entry.key.value);
    return match.known ? match.schema == nullptr || matches(entry.value, *match.schema)
                       : schema.open;
  });
}

bool text_matches(const std::string& text, const Schema& schema) {
  if (!schema.words.empty() &&
      std::find(schema.words.begin(), schema.words.end(), text) == schema.words.end()) {
    return false;
  }
  switch (schema.pattern) {
    case TextPattern::none: break;
    case TextPattern::container_name: return looks_like_container_name(text);
    case TextPattern::pull_policy: return looks_like_pull_policy(text);
  }
  return true;
}

}  // namespace

unsigned type_of(const doc::Node& node) {
  if (node.as_string() != nullptr) {
    return kString;
  }
  if (node.as_mapping() != nullptr) {
    return kObject;
  }
  if (node.as_sequence() != nullptr) {
    return kArray;
  }
  if (node.as_bool() != nullptr) {
    return kBoolean;
  }
  if (node.as_int() != nullptr) {
    return kInteger | kNumber;
  }
  if (const double* number = node.as_double()) {
    return kNumber | (std::floor(*number) == *number ? kInteger : 0U);
  }
  return kNull;
}

double number_of(const doc::Node& node) {
  return node.as_int() != nullptr ? static_cast<double>(*node.as_int()) : *node.as_double();
}

std::optional<std::pair<std::size_t, std::size_t>> equal_items(
    const std::vector<doc::Node>& items) {
  std::unordered_set<std::string_view> texts;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string* text = items[i].as_string();
    if (text != nullptr && texts.insert(*text).second) {
      continue;
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (doc::equivalent(items[j], items[i])) {
        return std::pair{j, i};
      }
    }
  }
  return std::nullopt;
}

KeyMatch match_key(const Schema& schema, std::string_view key) {
  if (const Schema* named = property(schema, key)) {
    return {true, named};
  }
  for (const auto& [form, value] : schema.patterns) {
    if (key_has_form(key, form)) {
      return {true, value};
    }
  }
  return {};
}

bool matches(const doc::Node& node, const Schema& schema) {
  if (schema.same_as != nullptr) {
    return matches(node, *schema.same_as);
  }
  if (!schema.one_of.empty()) {
    return std::any_of(schema.one_of.begin(), schema.one_of.end(), [&](const Schema* each) {
      return matches(node, *each);
    });
  }
  if (schema.types == 0) {
    return true;
  }
  if ((schema.types & type_of(node)) == 0) {
    return false;
  }
  if (const doc::Mapping* mapping = node.as_mapping()) {
    return mapping_matches(*mapping, schema);
  }
  if (const doc::Sequence* sequence = node.as_sequence()) {
    return std::all_of(sequence->items.begin(),
                       sequence->items.end(),
                       [&](const doc::Node& item) { return matches(item, *schema.items); }) &&
           !(schema.unique_items && equal_items(sequence->items));
  }
  if (const std::string* text = node.as_string()) {
    return text_matches(*text, schema);
  }
  if (schema.minimum || schema.maximum) {
    const double number = number_of(node);
    return number >= schema.minimum.value_or(number) && number <= schema.maximum.value_or(number);
  }
  return true;
}

}  // namespace compose
