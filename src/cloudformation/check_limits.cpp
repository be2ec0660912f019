#include <algorithm>

#include "cloudformation/check_parts.hpp"
#include "cloudformation/graph.hpp"
#include "cloudformation/limits.hpp"
#include "cloudformation/parse.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= limits::kNameBytes &&
         std::ranges::all_of(text, util::is_alnum);
}

void at_most(CheckedTemplate& t, std::size_t count, std::size_t most, std::string_view what) {
  if (count > most) {
    t.add(Finding{{},
                  {},
                  std::to_string(count) + " " + std::string(what) + ": a template can have " +
                      std::to_string(most),
                  {},
                  {},
                  Finding::Kind::schema});
  }
}

void check_name(CheckedTemplate& t, const std::string& name, std::string_view kind) {
  if (!is_name(name)) {
    t.add(Finding{
        name,
        {},
        "the name of a " + std::string(kind) + " has 1 to 255 letters and digits, and nothing else",
        {},
        {}});
  }
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

std::size_t size_of(const doc::Node& section) {
  return section.as_mapping() == nullptr ? 0 : section.as_mapping()->entries.size();
}

}  // namespace

void check_limits(CheckedTemplate& t) {
  const Template& document = t.document();
  at_most(t, document.resources.size(), limits::kResources, "resources");
  at_most(t, document.parameters.size(), limits::kParameters, "parameters");
  at_most(t, document.outputs.size(), limits::kOutputs, "outputs");
  at_most(t, size_of(document.mappings), limits::kMappings, "mappings");
  for (const Resource& resource : document.resources) {
    check_name(t, resource.id.str(), "resource");
  }
  for (const Parameter& parameter : document.parameters) {
    check_name(t, parameter.name, "parameter");
  }
  for (const Output& output : document.outputs) {
    check_name(t, output.name, "output");
  }
  const std::string text = doc::to_json(to_node(document));
  at_most(t, text.size(), limits::kUploadedBytes, "bytes");
  at_most(t, document.description.size(), limits::kDescriptionBytes, "bytes of description");
  at_most(t, count_of(text, "{{resolve:"), limits::kDynamicReferences, "dynamic references");
  if (const auto known = check_references(document); !known) {
    t.add(Finding{{}, {}, known.error().message, {}, known.error().span, Finding::Kind::schema});
  } else if (const auto graph = make_graph(document); !graph) {
    t.add(Finding{{}, {}, graph.error().message, {}, graph.error().span, Finding::Kind::schema});
  }
}

}  // namespace cloudformation
