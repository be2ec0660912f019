#include "local/stacks/template_text.hpp"

#include <algorithm>
#include <utility>

#include "doc/json_reader.hpp"
#include "doc/yaml_reader.hpp"
#include "util/strings.hpp"

namespace local::stacks {
namespace {

// "line 1, column 25" of an offset.
std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return "(line " + std::to_string(line) + ", column " + std::to_string(column + 1) + ")";
}

}  // namespace

util::Result<doc::Node, std::string> read_template_text(std::string_view body) {
  if (!util::trim(body).starts_with('{')) {
    doc::YamlStream yaml = doc::read_yaml(body, {});
    if (yaml.errors.empty() && yaml.documents.size() == 1) {
      return std::move(yaml.documents.front().root);
    }
    const std::size_t offset = yaml.errors.empty() ? 0 : yaml.errors.front().span.begin;
    return util::unexpected("Template format error: YAML not well-formed. " + place(body, offset));
  }
  auto json = doc::read_json(body);
  if (json) {
    return std::move(*json);
  }
  return util::unexpected("Template format error: JSON not well-formed. " +
                          place(body, json.error().offset));
}

}  // namespace local::stacks
