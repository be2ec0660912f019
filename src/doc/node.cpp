#include "doc/node.hpp"

#include <algorithm>
#include <utility>

namespace doc {
namespace {

bool same_numbers(const Node& a, const Node& b) {
  const auto number = [](const Node& n) -> const double* { return n.as_double(); };
  if (const double* x = number(a); x != nullptr && b.as_int() != nullptr) {
    return *x == static_cast<double>(*b.as_int());
  }
  if (const double* y = number(b); y != nullptr && a.as_int() != nullptr) {
    return *y == static_cast<double>(*a.as_int());
  }
  return false;
}

bool equivalent_mappings(const Mapping& a, const Mapping& b) {
  return a.entries.size() == b.entries.size() &&
         std::all_of(a.entries.begin(), a.entries.end(), [&](const Entry& e) {
           const Node* other = b.find(e.key.value);
           return other != nullptr && equivalent(e.value, *other);
         });
}

}  // namespace

const Node* Mapping::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    const std::string& candidate = entry.key.value;
    // Most keys differ in length or in their first character: that is cheaper to see than a call.
    if (candidate.size() == key.size() && (key.empty() || candidate.front() == key.front()) &&
        candidate == key) {
      return &entry.value;
    }
  }
  return nullptr;
}

Node* Mapping::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));  // NOLINT: the object is not const
}

Node& Mapping::set(std::string_view key, Node value) {
  if (Node* existing = find(key)) {
    return *existing = std::move(value);
  }
  entries.push_back(Entry{{std::string(key), value.span}, std::move(value)});
  return entries.back().value;
}

bool Mapping::erase(std::string_view key) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [&](const Entry& e) { return e.key.value == key; });
  if (at == entries.end()) {
    return false;
  }
  entries.erase(at);
  return true;
}

Node::Node(Sequence v) : value(std::move(v)) {}

Node::Node(Mapping v) : value(std::move(v)) {}

Node::Node(Value v, diag::Span s, Tag t)
    : value(std::move(v)), span(s), tag(std::move(t)) {}

const Sequence* Node::as_sequence() const {
  return std::get_if<Sequence>(&value);
}

const Mapping* Node::as_mapping() const {
  return std::get_if<Mapping>(&value);
}

Sequence* Node::as_sequence() {
  return std::get_if<Sequence>(&value);
}

Mapping* Node::as_mapping() {
  return std::get_if<Mapping>(&value);
}

const Node* Node::find(std::string_view key) const {
  const Mapping* mapping = as_mapping();
  return mapping == nullptr ? nullptr : mapping->find(key);
}

Node* Node::find(std::string_view key) {
  Mapping* mapping = as_mapping();
  return mapping == nullptr ? nullptr : mapping->find(key);
}

bool same(const Node& a, const Node& b) {
  if (a.value.index() != b.value.index() || a.tag != b.tag) {
    return false;
  }
  if (const Sequence* x = a.as_sequence()) {
    const Sequence* y = b.as_sequence();
    return std::equal(x->items.begin(), x->items.end(), y->items.begin(), y->items.end(), same);
  }
  if (const Mapping* x = a.as_mapping()) {
    const Mapping* y = b.as_mapping();
    return std::equal(x->entries.begin(),
                      x->entries.end(),
                      y->entries.begin(),
                      y->entries.end(),
                      [](const Entry& l, const Entry& r) {
                        return l.key.value == r.key.value && same(l.value, r.value);
                      });
  }
  if (const std::string* x = a.as_string()) {
    return *x == *b.as_string();
  }
  if (const auto* x = a.as_int()) {
    return *x == *b.as_int();
  }
  if (const double* x = a.as_double()) {
    return *x == *b.as_double();
  }
  return a.is_null() || *a.as_bool() == *b.as_bool();
}

bool equivalent(const Node& a, const Node& b) {
  if (const Mapping* x = a.as_mapping(); x != nullptr && b.as_mapping() != nullptr) {
    return equivalent_mappings(*x, *b.as_mapping());
  }
  if (const Sequence* x = a.as_sequence(); x != nullptr && b.as_sequence() != nullptr) {
    const Sequence* y = b.as_sequence();
    return std::equal(
        x->items.begin(), x->items.end(), y->items.begin(), y->items.end(), equivalent);
  }
  return same(a, b) || same_numbers(a, b);
}

Node map(std::vector<std::pair<std::string_view, Node>> entries) {
  Mapping out;
  out.entries.reserve(entries.size());
  for (auto& [key, value] : entries) {
    out.entries.push_back(Entry{{std::string(key), {}}, std::move(value)});
  }
  return Node{std::move(out)};
}

Node list(std::vector<Node> items) {
  return Node{Sequence{std::move(items)}};
}

}  // namespace doc
