#include "compose/bind_place.hpp"

#include <algorithm>
#include <utility>

#include "compose/go_text.hpp"

namespace compose {

std::string BindPlace::text() const {
  std::string out;
  for (const auto& step : steps_) {
    if (step.kind == '.') {
      out += (out.empty() ? "" : ".") + std::string(step.name);
    } else {
      out += "[" + (step.kind == '[' ? std::string(step.name) : std::to_string(step.index)) + "]";
    }
  }
  return out;
}

bool BindPlace::fail(const doc::Node& node, const std::string& reason) {
  problems_.error("compose.invalid-value",
                  "decoding failed due to the following error(s):\n\n'" + text() + "' " + reason,
                  known(node.span));
  return false;
}

bool BindPlace::unconvertible(const doc::Node& node, std::string_view wanted) {
  return fail(node,
              "expected type '" + std::string(wanted) + "', got unconvertible type '" +
                  std::string(type_name(node)) + "'");
}

doc::Node placed(doc::Node node, const diag::Span& span) {
  node.span = span;
  return node;
}

void set_text(doc::Node& node, std::string text) {
  node.value = std::move(text);
  node.tag.clear();
}

void sort_by_key(doc::Mapping& mapping) {
  std::stable_sort(
      mapping.entries.begin(), mapping.entries.end(), [](const doc::Entry& a, const doc::Entry& b) {
        return a.key.value < b.key.value;
      });
}

}  // namespace compose
