#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "doc/node.hpp"

// Members of a document by key; null or empty when they are not there or of another kind.
namespace compose {

const doc::Mapping* mapping_at(const doc::Node& node, std::string_view key);
const doc::Sequence* sequence_at(const doc::Node& node, std::string_view key);
std::string_view text_at(const doc::Node& node, std::string_view key);
// The value below a chain of keys.
const doc::Node* node_at(const doc::Node& node, std::initializer_list<std::string_view> keys);

// The names of a mapping and their values, for many searches. Holds views: the mapping must outlive
// it.
class NameTable {
 public:
  // Of the section `section` of a project.
  NameTable(const doc::Node& project, std::string_view section);
  explicit NameTable(const doc::Node& mapping);

  [[nodiscard]] const doc::Node* find(std::string_view name) const;

  [[nodiscard]] bool contains(std::string_view name) const { return nodes_.contains(name); }

  // Sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  void add(const doc::Mapping& mapping);

  std::unordered_map<std::string_view, const doc::Node*> nodes_;
};

}  // namespace compose
