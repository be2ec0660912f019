#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "doc/node.hpp"
#include "doc/yaml_reader.hpp"

namespace test {

// Why two trees are not the same in values, tags and places; empty when they are.
inline std::string yaml_difference(const doc::Node& a,
                                   const doc::Node& b,
                                   const std::string& path = "") {
  if (!(a.span == b.span)) {
    return path + ": spans " + std::to_string(a.span.begin) + "-" + std::to_string(a.span.end) +
           " and " + std::to_string(b.span.begin) + "-" + std::to_string(b.span.end);
  }
  if (a.value.index() != b.value.index() || !(a.tag == b.tag)) {
    return path + ": kinds or tags";
  }
  if (const doc::Mapping* mapping = a.as_mapping()) {
    const doc::Mapping& other = *b.as_mapping();
    if (mapping->entries.size() != other.entries.size()) {
      return path + ": sizes";
    }
    for (std::size_t i = 0; i < other.entries.size(); ++i) {
      const doc::Entry& x = mapping->entries[i];
      const doc::Entry& y = other.entries[i];
      if (x.key.value != y.key.value || !(x.key.span == y.key.span)) {
        return path + ": keys " + x.key.value + " and " + y.key.value;
      }
      if (std::string text = yaml_difference(x.value, y.value, path + "." + x.key.value);
          !text.empty()) {
        return text;
      }
    }
    return {};
  }
  if (const doc::Sequence* sequence = a.as_sequence()) {
    const doc::Sequence& other = *b.as_sequence();
    if (sequence->items.size() != other.items.size()) {
      return path + ": sizes";
    }
    for (std::size_t i = 0; i < other.items.size(); ++i) {
      if (std::string text = yaml_difference(
              sequence->items[i], other.items[i], path + "[" + std::to_string(i) + "]");
          !text.empty()) {
        return text;
      }
    }
    return {};
  }
  const double* number = a.as_double();
  if (number != nullptr && std::isnan(*number)) {
    return std::isnan(*b.as_double()) ? "" : path + ": values";
  }
  return doc::same(a, b) ? "" : path + ": values";
}

inline std::string yaml_difference(const doc::YamlStream& a, const doc::YamlStream& b) {
  if (a.errors.size() != b.errors.size() || a.documents.size() != b.documents.size()) {
    return "number of documents or errors";
  }
  if (!a.errors.empty() && (a.errors.front().message != b.errors.front().message ||
                            !(a.errors.front().span == b.errors.front().span))) {
    return a.errors.front().message + " and " + b.errors.front().message;
  }
  for (std::size_t i = 0; i < a.documents.size(); ++i) {
    const doc::YamlDocument& x = a.documents[i];
    const doc::YamlDocument& y = b.documents[i];
    if (x.has_tags != y.has_tags || x.odd_keys.size() != y.odd_keys.size()) {
      return "tags or odd keys";
    }
    for (std::size_t k = 0; k < x.odd_keys.size(); ++k) {
      if (x.odd_keys[k].where != y.odd_keys[k].where || x.odd_keys[k].key != y.odd_keys[k].key ||
          !(x.odd_keys[k].span == y.odd_keys[k].span)) {
        return "odd keys";
      }
    }
    if (std::string text = yaml_difference(x.root, y.root); !text.empty()) {
      return text;
    }
  }
  return {};
}

}  // namespace test
