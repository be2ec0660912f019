#include <utility>

#include "cloudformation/evaluate.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

constexpr std::string_view kOpen = "{{resolve:";

// A secret may be named by its ARN, whose own colons are no separators.
DynamicReference parse_reference(std::string_view body) {
  std::vector<std::string> parts = util::split(body, ':');
  DynamicReference out{parts.empty() ? "" : parts.front(), {}};
  std::size_t at = 1;
  if (parts.size() >= 8 && parts[1] == "arn") {
    out.segments.push_back(util::join({parts.begin() + 1, parts.begin() + 8}, ":"));
    at = 8;
  }
  out.segments.insert(
      out.segments.end(), parts.begin() + static_cast<std::ptrdiff_t>(at), parts.end());
  return out;
}

Evaluated<std::string> resolve_text(const std::string& text, const Surroundings& surroundings) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find(kOpen, at);
    const std::size_t close = open == std::string::npos ? open : text.find("}}", open);
    if (close == std::string::npos) {
      out += text.substr(at);
      return out;
    }
    out += text.substr(at, open - at);
    const std::string_view body =
        std::string_view(text).substr(open + kOpen.size(), close - open - kOpen.size());
    auto value = surroundings.dynamic(parse_reference(body));
    if (!value) {
      return value;
    }
    out += *value;
    at = close + 2;
  }
}

}  // namespace

bool has_dynamic(const doc::Node& value) {
  if (const std::string* text = value.as_string()) {
    return text->find(kOpen) != std::string::npos;
  }
  if (const doc::Sequence* list = value.as_sequence()) {
    for (const doc::Node& item : list->items) {
      if (has_dynamic(item)) {
        return true;
      }
    }
  } else if (const doc::Mapping* map = value.as_mapping()) {
    for (const doc::Entry& entry : map->entries) {
      if (has_dynamic(entry.value)) {
        return true;
      }
    }
  }
  return false;
}

Evaluated<doc::Node> resolve_dynamic(doc::Node value, const Surroundings& surroundings) {
  if (!has_dynamic(value)) {
    return value;
  }
  if (std::string* text = value.as_string()) {
    auto resolved = resolve_text(*text, surroundings);
    if (!resolved) {
      return util::unexpected(std::move(resolved.error()));
    }
    *text = std::move(*resolved);
  } else if (doc::Sequence* list = value.as_sequence()) {
    for (doc::Node& item : list->items) {
      auto resolved = resolve_dynamic(std::move(item), surroundings);
      if (!resolved) {
        return resolved;
      }
      item = std::move(*resolved);
    }
  } else if (doc::Mapping* map = value.as_mapping()) {
    for (doc::Entry& entry : map->entries) {
      auto resolved = resolve_dynamic(std::move(entry.value), surroundings);
      if (!resolved) {
        return resolved;
      }
      entry.value = std::move(*resolved);
    }
  }
  return value;
}

}  // namespace cloudformation
