#include "convert/builder.hpp"

#include <utility>

namespace convert {
namespace {

doc::Node tag(std::string_view key, std::string_view value) {
  return Fields().add("Key", "com.docker.compose." + std::string(key)).add("Value", value).node();
}

}  // namespace

void Builder::add(cloudformation::Resource resource) {
  if (!ids_.insert(resource.id.str()).second) {
    error("convert.name-collision",
          resource.span,
          "two things of this project need the logical id `" + resource.id.str() + "`",
          "rename one of them");
    return;
  }
  template_.resources.push_back(std::move(resource));
}

void Builder::add_parameter(std::string_view name,
                            std::string_view type,
                            std::string_view description,
                            const std::optional<std::string>& default_value) {
  Fields body;
  body.add("Type", type).add("Description", description);
  if (default_value) {
    body.add("Default", *default_value);
  }
  template_.parameters.push_back({std::string(name), std::string(type), std::move(body).node()});
}

void Builder::add_parameter(std::string_view name, doc::Node declaration) {
  const doc::Node* type = declaration.find("Type");
  template_.parameters.push_back(
      {std::string(name),
       type != nullptr && type->as_string() != nullptr ? *type->as_string() : std::string("String"),
       std::move(declaration)});
}

void Builder::add_output(std::string_view name, std::string_view description, doc::Node value) {
  template_.outputs.push_back(
      {std::string(name),
       Fields().add("Description", description).add("Value", std::move(value)).node()});
}

doc::Node Builder::tags(std::string_view kind, std::string_view value) const {
  doc::Sequence list;
  list.items.push_back(tag("project", project_.name));
  if (!kind.empty()) {
    list.items.push_back(tag(kind, value));
  }
  return doc::Node(std::move(list));
}

void Builder::error(std::string_view code,
                    std::optional<diag::Span> span,
                    std::string message,
                    std::string help) {
  report({diag::Severity::error, code, std::move(message), span, {}, std::move(help)});
}

void Builder::warning(std::string_view code,
                      std::optional<diag::Span> span,
                      std::string message,
                      std::string help) {
  report({diag::Severity::warning, code, std::move(message), span, {}, std::move(help)});
}

void Builder::note(std::string_view code,
                   std::optional<diag::Span> span,
                   std::string message,
                   std::string help) {
  report({diag::Severity::note, code, std::move(message), span, {}, std::move(help)});
}

void Builder::report(diag::Diagnostic diagnostic) {
  has_errors_ = has_errors_ || diagnostic.severity == diag::Severity::error;
  sink_.report(std::move(diagnostic));
}

cloudformation::Resource resource(cloudformation::LogicalId id,
                                  std::string_view type,
                                  Fields properties,
                                  diag::Span span) {
  return {
      std::move(id), std::string(type), std::move(properties).node(), {}, {}, {}, {}, {}, {}, span};
}

}  // namespace convert
