#include "compose/decode_values.hpp"

#include <utility>

#include "compose/units.hpp"
#include "doc/yaml_scalar.hpp"

namespace compose {

std::string text(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::string* value = found == nullptr ? nullptr : found->as_string();
  return value == nullptr ? std::string() : *value;
}

std::optional<Text> located_text(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::string* value = found == nullptr ? nullptr : found->as_string();
  return value == nullptr ? std::nullopt : std::optional(Text{*value, found->span});
}

std::optional<Flag> flag(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const bool* value = found == nullptr ? nullptr : found->as_bool();
  return value == nullptr ? std::nullopt : std::optional(Flag{*value, found->span});
}

bool is_true(const doc::Node& node, std::string_view key) {
  const std::optional<Flag> value = flag(node, key);
  return value && value->value;
}

std::optional<Number> number(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::int64_t* value = found == nullptr ? nullptr : found->as_int();
  return value == nullptr ? std::nullopt : std::optional(Number{*value, found->span});
}

std::optional<diag::Located<double>> real(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (const double* value = found->as_double()) {
    return diag::Located<double>{*value, found->span};
  }
  const std::int64_t* value = found->as_int();
  return value == nullptr
             ? std::nullopt
             : std::optional(diag::Located<double>{static_cast<double>(*value), found->span});
}

std::optional<Bytes> bytes(const doc::Node& node, std::string_view key) {
  const std::optional<Text> value = located_text(node, key);
  if (!value) {
    return std::nullopt;
  }
  return Bytes{parse_bytes(value->value).value_or(0), value->span};
}

std::optional<Duration> duration(const doc::Node& node, std::string_view key) {
  const std::optional<Text> value = located_text(node, key);
  if (!value) {
    return std::nullopt;
  }
  return Duration{std::chrono::nanoseconds(parse_duration(value->value).value_or(0)), value->span};
}

std::span<const doc::Node> items(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const doc::Sequence* sequence = found == nullptr ? nullptr : found->as_sequence();
  return sequence == nullptr ? std::span<const doc::Node>{}
                             : std::span<const doc::Node>(sequence->items);
}

std::span<const doc::Entry> entries(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const doc::Mapping* mapping = found == nullptr ? nullptr : found->as_mapping();
  return mapping == nullptr ? std::span<const doc::Entry>{}
                            : std::span<const doc::Entry>(mapping->entries);
}

TextList texts(const doc::Node& node, std::string_view key) {
  TextList out;
  for (const doc::Node& item : items(node, key)) {
    if (const std::string* value = item.as_string()) {
      out.push_back({*value, item.span});
    }
  }
  return out;
}

Pairs pairs(const doc::Node& node, std::string_view key) {
  Pairs out;
  for (const doc::Entry& entry : entries(node, key)) {
    const std::string* value = entry.value.as_string();
    out.push_back({entry.key.value, value == nullptr ? std::string() : *value, entry.key.span});
  }
  return out;
}

Variables variables(const doc::Node& node, std::string_view key) {
  Variables out;
  for (const doc::Entry& entry : entries(node, key)) {
    const std::string* value = entry.value.as_string();
    out.push_back(
        {entry.key.value, value == nullptr ? std::nullopt : std::optional(*value), entry.key.span});
  }
  return out;
}

namespace {

// Numbers beyond int64 are their nearest double from here on.
void forget_digits(doc::Node& node) {
  if (!doc::unsigned_digits(node).empty()) {
    node.tag.clear();
  } else if (doc::Mapping* mapping = node.as_mapping()) {
    for (doc::Entry& entry : mapping->entries) {
      forget_digits(entry.value);
    }
  } else if (doc::Sequence* list = node.as_sequence()) {
    for (doc::Node& item : list->items) {
      forget_digits(item);
    }
  }
}

}  // namespace

Extensions extensions(const doc::Node& node) {
  Extensions out;
  if (const doc::Mapping* mapping = node.as_mapping()) {
    for (const doc::Entry& entry : mapping->entries) {
      if (entry.key.value.starts_with("x-")) {
        out.entries.push_back(entry);
        forget_digits(out.entries.back().value);
      }
    }
  }
  return out;
}

}  // namespace compose
