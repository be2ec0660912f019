#include "compose/project.hpp"

#include <algorithm>

namespace compose {
namespace {

template <class Sorted>
auto find_by_name(const Sorted& sorted, std::string_view name) -> decltype(sorted.data()) {
  const auto at = std::lower_bound(
      sorted.begin(), sorted.end(), name, [](const auto& item, std::string_view wanted) {
        return item.name < wanted;
      });
  return at != sorted.end() && at->name == name ? &*at : nullptr;
}

}  // namespace

const std::string* find(const Pairs& pairs, std::string_view name) {
  const Pair* pair = find_by_name(pairs, name);
  return pair == nullptr ? nullptr : &pair->value;
}

const Variable* find(const Variables& variables, std::string_view name) {
  return find_by_name(variables, name);
}

std::int64_t Service::replicas() const {
  if (scale) {
    return scale->value;
  }
  return deploy && deploy->replicas ? deploy->replicas->value : 1;
}

std::optional<diag::Span> Service::span_of(std::string_view attribute) const {
  const auto at = std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) {
    return a.value == attribute;
  });
  return at == attributes.end() ? std::nullopt : std::optional(at->span);
}

}  // namespace compose
