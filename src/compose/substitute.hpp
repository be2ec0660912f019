#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.hpp"
#include "util/result.hpp"

namespace compose {

// Where variables come from, and who hears about the unset ones.
class VariableSource {
 public:
  VariableSource() = default;
  VariableSource(const VariableSource&) = delete;
  VariableSource& operator=(const VariableSource&) = delete;
  virtual ~VariableSource() = default;
  // The value stays valid until the source changes.
  [[nodiscard]] virtual std::optional<std::string_view> find(std::string_view name) const = 0;
  // `name` was used without a default and is not set.
  virtual void unset(std::string_view name) = 0;
};

struct TemplateError {
  // Empty unless a required variable is missing: then the sentence to show.
  std::string required;
  // The part of the text that is no valid template.
  std::string invalid;
};

// `${NAME}`, `$NAME`, `$$`, and the operators `:-` `-` `:?` `?` `:+` `+` with nested defaults.
util::Result<std::string, TemplateError> substitute(std::string_view text,
                                                    VariableSource& variables);

// A variable as a template asks for it.
struct VariableUse {
  std::string name;
  bool required = false;       // ${NAME:?…}
  std::string default_value;   // ${NAME:-…}
  std::string presence_value;  // ${NAME:+…}
};

// The variables in all texts of a document that was not interpolated, by name, each once: of
// several uses the last that says more than the name.
std::vector<VariableUse> variables_of(const doc::Node& document);

}  // namespace compose
