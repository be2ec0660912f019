#include "local/providers/parity.hpp"

#include <algorithm>
#include <vector>

#include "cloudformation/evaluate.hpp"
#include "cloudformation/intrinsics.hpp"
#include "cloudformation/schema.hpp"
#include "doc/json_reader.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

constexpr char kEndOfPath[] = "\n";

// The path of the first value below `node` that the row refuses; empty when there is none.
std::string first_refused(const doc::Node& node,
                          const ParityRow& row,
                          const std::vector<std::string>& path,
                          std::size_t depth) {
  if (cloudformation::as_call(node)) {
    return {};
  }
  if (depth == path.size()) {
    const auto text = cloudformation::scalar_text(node);
    const std::vector<std::string> allowed = util::split(row.allowed, '|');
    const bool accepted = !row.allowed.empty() && text &&
                          std::any_of(allowed.begin(), allowed.end(), [&](const std::string& a) {
                            return util::iequals(a, *text);
                          });
    const doc::Sequence* list = node.as_sequence();
    const bool empty = node.is_null() || (list != nullptr && list->items.empty());
    return accepted || empty ? "" : kEndOfPath + (text ? " (" + *text + ")" : std::string());
  }
  if (path[depth] == "*") {
    const doc::Sequence* list = node.as_sequence();
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      if (std::string below = first_refused(list->items[i], row, path, depth + 1); !below.empty()) {
        return "/" + std::to_string(i) + below;
      }
    }
    return {};
  }
  const doc::Node* child = node.find(path[depth]);
  std::string below = child != nullptr ? first_refused(*child, row, path, depth + 1) : "";
  return below.empty() ? "" : "/" + path[depth] + below;
}

const ParityType* find_parity(std::string_view type) {
  const auto table = parity_table();
  const auto at = std::find_if(
      table.begin(), table.end(), [&](const ParityType& row) { return row.type == type; });
  return at == table.end() ? nullptr : &*at;
}

std::string_view name_of(Treatment treatment) {
  switch (treatment) {
    case Treatment::done: return "done";
    case Treatment::simulated: return "simulated";
    case Treatment::ignored: return "ignored";
    case Treatment::refused: return "refused";
  }
  return "";
}

std::string row_text(std::string_view property, Treatment treatment, std::string_view sentence) {
  return "| `" + std::string(property) + "` | " + std::string(name_of(treatment)) + " | " +
         std::string(sentence) + " |\n";
}

std::string type_text(const ParityType& type) {
  std::string out = "## " + std::string(type.type) + "\n\n";
  if (!type.sentence.empty()) {
    out += std::string(type.sentence) + "\n\n";
  }
  const cloudformation::ResourceSchema* schema = cloudformation::find_schema(type.type);
  std::vector<std::string> plain;  // without a sentence of their own
  std::string rows;
  for (std::size_t i = 0; schema != nullptr && i < schema->properties.size(); ++i) {
    const std::string_view property = schema->properties[i].name;
    bool whole = false;
    std::string below;
    for (const ParityRow& row : type.rows) {
      if (row.path != property && !row.path.starts_with(std::string(property) + "/")) {
        continue;
      }
      whole = whole || row.path == property;
      std::string sentence(row.sentence);
      if (!row.allowed.empty()) {
        sentence = "Only " + util::replace_all(row.allowed, "|", ", ") + ". " + sentence;
      }
      below += row_text(row.path, row.treatment, sentence);
    }
    rows += below;
    if (!whole) {
      plain.push_back("`" + std::string(property) + "`");
    }
  }
  if (!plain.empty()) {
    out += "*" + std::string(name_of(type.treatment)) + "*" +
           (rows.empty() ? "" : ", apart from what the table says") + ": " +
           util::join(plain, ", ") + "\n\n";
  }
  if (!rows.empty()) {
    out += "| property | here | |\n|---|---|---|\n" + rows + "\n";
  }
  return out;
}

}  // namespace

std::optional<std::string> refused_property(std::string_view type,
                                            const std::string& logical_id,
                                            const doc::Node& properties) {
  const ParityType* known = find_parity(type);
  if (known == nullptr) {
    return std::nullopt;
  }
  for (const ParityRow& row : known->rows) {
    if (row.treatment != Treatment::refused) {
      continue;
    }
    if (std::string where = first_refused(properties, row, util::split(row.path, '/'), 0);
        !where.empty()) {
      where.erase(where.find(kEndOfPath), 1);
      return "Properties validation failed for resource " + logical_id + " with message:\n#" +
             where + ": is not in the local engine. " + std::string(row.sentence);
    }
  }
  return std::nullopt;
}

std::vector<std::string> idle_resources(std::string_view template_json) {
  constexpr std::string_view kExpected[] = {"AWS::ApplicationAutoScaling::ScalableTarget",
                                            "AWS::CloudWatch::Alarm",
                                            "AWS::Scheduler::Schedule"};
  std::vector<std::string> out;
  const auto document = doc::read_json(template_json);
  const doc::Node* resources = document ? document->find("Resources") : nullptr;
  const doc::Mapping* map = resources != nullptr ? resources->as_mapping() : nullptr;
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    const doc::Entry& entry = map->entries[i];
    const doc::Node* type = entry.value.find("Type");
    const std::string* name = type != nullptr ? type->as_string() : nullptr;
    if (name != nullptr &&
        std::find(std::begin(kExpected), std::end(kExpected), *name) != std::end(kExpected)) {
      out.push_back(entry.key.value + " (" + *name +
                    "): " + std::string(find_parity(*name)->sentence));
    }
  }
  return out;
}

std::string parity_document() {
  std::string out =
      "# What the local engine does with each resource\n\n"
      "Generated from the engine's tables by its unit tests (`ACCEPT_GOLDENS=1` rewrites it).\n\n"
      "*done*: as on AWS, as far as one machine can. *simulated*: the same seen from outside, by "
      "other means. *ignored*: kept and shown, nothing acts on it. *refused*: a template with it is "
      "not accepted; the error names it, and nothing is created. Types that are not here are "
      "refused, as are properties that AWS does not have.\n\n";
  for (const ParityType& type : parity_table()) {
    out += type_text(type);
  }
  out.pop_back();
  return out;
}

}  // namespace local
