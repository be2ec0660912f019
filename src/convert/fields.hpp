#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doc/node.hpp"

namespace convert {

// Writes a mapping member by member, moving the values: Fields().add("Type",
// "forward").add("Order", 1).node(). The caller gives each key once.
class Fields {
 public:
  template <class T>
  Fields& add(std::string_view key, T&& value) & {
    if (mapping_.entries.empty()) {
      mapping_.entries.reserve(4);  // most have two to four members
    }
    mapping_.entries.push_back({{std::string(key), {}}, doc::Node(std::forward<T>(value))});
    return *this;
  }

  template <class T>
  Fields&& add(std::string_view key, T&& value) && {
    add(key, std::forward<T>(value));
    return std::move(*this);
  }

  [[nodiscard]] bool empty() const { return mapping_.entries.empty(); }

  doc::Node node() && { return doc::Node(std::move(mapping_)); }

 private:
  doc::Mapping mapping_;
};

// A list whose items are moved in.
template <class... T>
doc::Node items(T&&... values) {
  doc::Sequence list;
  list.items.reserve(sizeof...(values));
  (list.items.push_back(doc::Node(std::forward<T>(values))), ...);
  return doc::Node(std::move(list));
}

}  // namespace convert
