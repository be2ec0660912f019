#include "local/stacks/shown.hpp"

#include <utility>

#include "cloudformation/evaluate.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace local::stacks {

doc::Node as_texts(const doc::Node& node) {
  if (const doc::Sequence* list = node.as_sequence()) {
    doc::Sequence out;
    for (const doc::Node& item : list->items) {
      out.items.push_back(as_texts(item));
    }
    return doc::Node{std::move(out)};
  }
  if (const doc::Mapping* map = node.as_mapping()) {
    doc::Mapping out;
    for (const doc::Entry& entry : map->entries) {
      out.set(entry.key.value, as_texts(entry.value));
    }
    return doc::Node{std::move(out)};
  }
  const auto text = cloudformation::scalar_text(node);
  return text ? doc::Node{*text} : node;
}

std::string masked(const Definition& definition, std::string text) {
  for (const cloudformation::ParameterValue& parameter : definition.parameters) {
    if (parameter.no_echo && !parameter.value.empty()) {
      const std::string quoted = doc::json_quote(parameter.value);
      text = util::replace_all(text, quoted.substr(1, quoted.size() - 2), "****");
    }
  }
  return text;
}

std::string shown_json(const Definition& definition, const doc::Node& node) {
  return masked(definition,
                doc::to_json(node.is_null() ? doc::Node{doc::Mapping{}} : as_texts(node)));
}

}  // namespace local::stacks
