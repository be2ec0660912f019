#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "diag/span.hpp"

namespace doc {

struct Node;
struct Entry;

struct Null {
  friend bool operator==(Null, Null) = default;
};

struct Sequence {
  std::vector<Node> items;
};

// Keeps source order. Lookups are linear, because real mappings are small; code that meets large
// ones (a file of 10,000 services) builds an index of its own.
struct Mapping {
  std::vector<Entry> entries;

  [[nodiscard]] const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  // Replaces the value of `key` in its place, or appends.
  Node& set(std::string_view key, Node value);
  bool erase(std::string_view key);
};

// The tag of a node. Few nodes have one, and a tree is mostly nodes: an absent one takes a
// pointer's room.
class Tag {
 public:
  Tag() = default;

  Tag(std::string_view text)  // NOLINT(google-explicit-constructor): a tag is written as its text
      : text_(text.empty() ? nullptr : std::make_unique<const std::string>(text)) {}

  Tag(const char* text) : Tag(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)

  Tag(const std::string& text)  // NOLINT(google-explicit-constructor)
      : Tag(std::string_view(text)) {}

  Tag(const Tag& other) : Tag(other.text()) {}

  Tag(Tag&&) noexcept = default;

  Tag& operator=(const Tag& other) {
    if (this != &other) {
      *this = Tag(other);
    }
    return *this;
  }

  Tag& operator=(Tag&&) noexcept = default;
  ~Tag() = default;

  [[nodiscard]] std::string_view text() const {
    return text_ == nullptr ? std::string_view{} : std::string_view(*text_);
  }

  [[nodiscard]] bool empty() const { return text_ == nullptr; }

  void clear() { text_.reset(); }

  friend bool operator==(const Tag& a, const Tag& b) { return a.text() == b.text(); }

  friend bool operator==(const Tag& a, std::string_view b) { return a.text() == b; }

  friend bool operator==(const Tag& a, const char* b) { return a.text() == b; }

 private:
  std::unique_ptr<const std::string> text_;
};

// A YAML or JSON value that remembers where it was written and which tag it carried.
struct Node {
  using Value = std::variant<Null, bool, std::int64_t, double, std::string, Sequence, Mapping>;
  Value value;
  diag::Span span;
  Tag tag;  // "!reset", "!Ref", ...; empty for plain values

  Node();
  explicit Node(bool v);
  explicit Node(std::int64_t v);
  explicit Node(int v);
  explicit Node(double v);
  explicit Node(std::string v);
  explicit Node(std::string_view v);
  explicit Node(const char* v);
  explicit Node(Sequence v);
  explicit Node(Mapping v);
  Node(Value v, diag::Span s, Tag t = {});

  [[nodiscard]] bool is_null() const { return std::holds_alternative<Null>(value); }

  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&value); }

  [[nodiscard]] const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&value); }

  [[nodiscard]] const double* as_double() const { return std::get_if<double>(&value); }

  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&value); }

  [[nodiscard]] const Sequence* as_sequence() const;
  [[nodiscard]] const Mapping* as_mapping() const;

  std::string* as_string() { return std::get_if<std::string>(&value); }

  Sequence* as_sequence();
  Mapping* as_mapping();

  // The member `key` of a mapping; null when this is no mapping or has no such key.
  [[nodiscard]] const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

struct Entry {
  diag::Located<std::string> key;
  Node value;
};

// Defined where Entry is complete, as clang asks for.
inline Node::Node() = default;

inline Node::Node(bool v) : value(v) {}

inline Node::Node(std::int64_t v) : value(v) {}

inline Node::Node(int v) : value(std::int64_t{v}) {}

inline Node::Node(double v) : value(v) {}

inline Node::Node(std::string v) : value(std::move(v)) {}

inline Node::Node(std::string_view v) : value(std::string(v)) {}

inline Node::Node(const char* v) : value(std::string(v)) {}

// Same values and tags in the same order, wherever they were written. Mappings compare in order.
bool same(const Node& a, const Node& b);
// Same values; mappings compare unordered, integers equal doubles of the same value.
bool equivalent(const Node& a, const Node& b);

// Builders for code that makes documents: `map({{"Type", str}, ...})`.
Node map(std::vector<std::pair<std::string_view, Node>> entries);
Node list(std::vector<Node> items);

}  // namespace doc
