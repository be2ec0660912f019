#pragma once

// Struct <-> doc::Node for the generated sources only. Decoding never fails: a request is validated
// against its Shape first (awsapi/validate.hpp), a response that lacks a member leaves the default.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "awsapi/codec.hpp"
#include "awsapi/shape.hpp"
#include "doc/node.hpp"

namespace awsapi {

const Type& scalar_type(Kind kind);
const Type& list_type(const Type* element);  // interned for the life of the program
const Type& map_type(const Type* value);

template <class T>
const Type& structure_type() {
  static const Type type{Kind::structure, &T::shape, nullptr};
  return type;
}

inline doc::Node encode(const std::string& v, EmptyLists /*empty*/) {
  return doc::Node{v};
}

inline doc::Node encode(std::int64_t v, EmptyLists /*empty*/) {
  return doc::Node{v};
}

inline doc::Node encode(double v, EmptyLists /*empty*/) {
  return doc::Node{v};
}

inline doc::Node encode(bool v, EmptyLists /*empty*/) {
  return doc::Node{v};
}

inline doc::Node encode(Timestamp v, EmptyLists /*empty*/) {
  return doc::Node{v.millis};
}

inline doc::Node encode(const Blob& v, EmptyLists /*empty*/) {
  return doc::Node{v.bytes};
}

template <class T>
doc::Node encode(const T& v, EmptyLists empty) {
  return v.to_node(empty);
}

template <class T>
doc::Node encode(const std::vector<T>& v, EmptyLists empty) {
  doc::Sequence out;
  for (const T& item : v) {
    out.items.push_back(encode(item, empty));
  }
  return doc::Node{std::move(out)};
}

template <class T>
doc::Node encode(const std::map<std::string, T, std::less<>>& v, EmptyLists empty) {
  doc::Mapping out;
  for (const auto& [key, value] : v) {
    out.set(key, encode(value, empty));
  }
  return doc::Node{std::move(out)};
}

template <class T>
void put(doc::Mapping& out, std::string_view name, const T& v, EmptyLists empty) {
  out.set(name, encode(v, empty));
}

template <class T>
void put(doc::Mapping& out, std::string_view name, const std::optional<T>& v, EmptyLists empty) {
  if (v) {
    out.set(name, encode(*v, empty));
  }
}

template <class T>
void put(doc::Mapping& out, std::string_view name, const std::vector<T>& v, EmptyLists empty) {
  if (!v.empty() || empty == EmptyLists::write) {
    out.set(name, encode(v, empty));
  }
}

template <class T>
void put(doc::Mapping& out,
         std::string_view name,
         const std::map<std::string, T, std::less<>>& v,
         EmptyLists empty) {
  if (!v.empty() || empty == EmptyLists::write) {
    out.set(name, encode(v, empty));
  }
}

inline void decode(const doc::Node& node, std::string& out) {
  if (const auto* v = node.as_string()) {
    out = *v;
  }
}

inline void decode(const doc::Node& node, std::int64_t& out) {
  if (const auto* v = node.as_int()) {
    out = *v;
  } else if (const auto* real = node.as_double()) {
    out = static_cast<std::int64_t>(*real);
  }
}

inline void decode(const doc::Node& node, double& out) {
  if (const auto* v = node.as_double()) {
    out = *v;
  } else if (const auto* integer = node.as_int()) {
    out = static_cast<double>(*integer);
  }
}

inline void decode(const doc::Node& node, bool& out) {
  if (const auto* v = node.as_bool()) {
    out = *v;
  }
}

inline void decode(const doc::Node& node, Timestamp& out) {
  decode(node, out.millis);
}

inline void decode(const doc::Node& node, Blob& out) {
  decode(node, out.bytes);
}

template <class T>
void decode(const doc::Node& node, T& out) {
  out = T::from_node(node);
}

template <class T>
void decode(const doc::Node& node, std::vector<T>& out) {
  if (const auto* items = node.as_sequence()) {
    for (const doc::Node& item : items->items) {
      decode(item, out.emplace_back());
    }
  }
}

template <class T>
void decode(const doc::Node& node, std::map<std::string, T, std::less<>>& out) {
  if (const auto* entries = node.as_mapping()) {
    for (const doc::Entry& entry : entries->entries) {
      decode(entry.value, out[entry.key.value]);
    }
  }
}

template <class T>
void take(const doc::Node& node, std::string_view name, T& out) {
  const doc::Node* value = node.find(name);
  if (value != nullptr && !value->is_null()) {
    decode(*value, out);
  }
}

template <class T>
void take(const doc::Node& node, std::string_view name, std::optional<T>& out) {
  const doc::Node* value = node.find(name);
  if (value != nullptr && !value->is_null()) {
    decode(*value, out.emplace());
  }
}

}  // namespace awsapi
