#include "compose/lookup.hpp"

#include <algorithm>

namespace compose {

const doc::Mapping* mapping_at(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  return found == nullptr ? nullptr : found->as_mapping();
}

const doc::Sequence* sequence_at(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  return found == nullptr ? nullptr : found->as_sequence();
}

std::string_view text_at(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::string* text = found == nullptr ? nullptr : found->as_string();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

const doc::Node* node_at(const doc::Node& node, std::initializer_list<std::string_view> keys) {
  const doc::Node* found = &node;
  for (const std::string_view key : keys) {
    found = found == nullptr ? nullptr : found->find(key);
  }
  return found;
}

NameTable::NameTable(const doc::Node& project, std::string_view section) {
  if (const doc::Mapping* mapping = mapping_at(project, section)) {
    add(*mapping);
  }
}

NameTable::NameTable(const doc::Node& mapping) {
  if (mapping.as_mapping() != nullptr) {
    add(*mapping.as_mapping());
  }
}

const doc::Node* NameTable::find(std::string_view name) const {
  const auto at = nodes_.find(name);
  return at == nodes_.end() ? nullptr : at->second;
}

std::vector<std::string> NameTable::names() const {
  std::vector<std::string> out;
  for (const auto& [name, node] : nodes_) {
    out.emplace_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

void NameTable::add(const doc::Mapping& mapping) {
  for (const doc::Entry& entry : mapping.entries) {
    nodes_.emplace(entry.key.value, &entry.value);
  }
}

}  // namespace compose
