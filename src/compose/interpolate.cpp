#include "compose/interpolate.hpp"

#include <optional>
#include <utility>

#include "compose/cast.hpp"
#include "compose/path.hpp"
#include "compose/rules.hpp"
#include "compose/substitute.hpp"

namespace compose {
namespace {

class DocumentVariables final : public VariableSource {
 public:
  DocumentVariables(const Environment& environment, Problems& problems)
      : environment_(environment), problems_(problems) {}

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override {
    const auto at = environment_.find(name);
    return at == environment_.end() ? std::nullopt : std::optional<std::string_view>(at->second);
  }

  void unset(std::string_view name) override {
    problems_.warning(
        "compose.variable-not-set",
        "The \"" + std::string(name) + "\" variable is not set. Defaulting to a blank string.",
        known(place_),
        "set it in the environment or in .env, or give a default: ${" + std::string(name) +
            ":-value}");
  }

  void at(const diag::Span& place) { place_ = place; }

 private:
  const Environment& environment_;
  Problems& problems_;
  diag::Span place_;
};

std::string failure_text(const TemplateError& error, const std::string& where) {
  if (!error.required.empty()) {
    return "error while interpolating " + where + ": " + error.required;
  }
  return "invalid interpolation format for " + where +
         ".\nYou may need to escape any $ with another $.\n" + error.invalid;
}

std::string_view failure_code(const TemplateError& error) {
  return error.required.empty() ? "compose.invalid-interpolation" : "compose.required-variable";
}

class Interpolator {
 public:
  Interpolator(const Environment& environment, Problems& problems)
      : variables_(environment, problems), problems_(problems) {}

  void walk(doc::Node& node, const Place* place) {
    if (std::string* text = node.as_string()) {
      scalar(node, *text, place);
    } else if (doc::Mapping* mapping = node.as_mapping()) {
      for (doc::Entry& entry : mapping->entries) {
        const Step step(path_, std::string_view(entry.key.value));
        walk(entry.value, below(place, entry.key.value));
      }
    } else if (doc::Sequence* sequence = node.as_sequence()) {
      const Place* item = item_of(place);
      for (doc::Node& each : sequence->items) {
        const Step step(path_, std::size_t{0});
        walk(each, item);
      }
    }
  }

 private:
  void scalar(doc::Node& node, std::string& text, const Place* place) {
    if (text.find('$') != std::string::npos) {
      variables_.at(node.span);
      util::Result<std::string, TemplateError> value = substitute(text, variables_);
      if (!value) {
        problems_.stop(failure_code(value.error()),
                       failure_text(value.error(), path_.text()),
                       known(node.span));
      }
      text = std::move(*value);
    }
    const Cast cast = rule_at(place).cast;
    if (cast == Cast::none || !node.tag.empty()) {
      return;
    }
    util::Result<doc::Node::Value, std::string> value = cast_text(text, cast, node.span, problems_);
    if (!value) {
      problems_.stop("compose.invalid-value",
                     "error while interpolating " + path_.text() +
                         ": failed to cast to expected type: " + value.error(),
                     known(node.span));
    }
    node.value = std::move(*value);
  }

  DocumentVariables variables_;
  Problems& problems_;
  Path path_;
};

}  // namespace

void interpolate(doc::Node& root, const Environment& environment, Problems& problems) {
  Interpolator(environment, problems).walk(root, document_place());
}

std::string interpolate_text(std::string_view text,
                             std::string_view where,
                             const Environment& environment,
                             Problems& problems) {
  DocumentVariables variables(environment, problems);
  util::Result<std::string, TemplateError> value = substitute(text, variables);
  if (!value) {
    problems.stop(failure_code(value.error()), failure_text(value.error(), std::string(where)));
  }
  return std::move(*value);
}

}  // namespace compose
