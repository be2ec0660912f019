#include "convert/builder.hpp"

#include <utility>
#include <vector>

#include "convert/tags.hpp"

namespace convert {
namespace {

doc::Node compose_tag(std::string_view key, std::string_view value) {
  return Fields().add("Key", "com.docker.compose." + std::string(key)).add("Value", value).node();
}

// The thing's own tags replace the project's of the same key.
template <class Things>
void add_own_tags(const Things& things, std::string_view name, std::vector<UserTag>& tags) {
  const auto thing = things.find(std::string(name));
  if (thing == things.end()) {
    return;
  }
  for (UserTag& own : user_tags(thing->second.extensions)) {
    std::erase_if(tags, [&](const UserTag& tag) { return tag.key == own.key; });
    tags.push_back(std::move(own));
  }
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
  list.items.push_back(compose_tag("project", project_.name));
  if (!kind.empty()) {
    list.items.push_back(compose_tag(kind, value));
  }
  std::vector<UserTag> tags = user_tags(project_.extensions);
  if (kind == "service") {
    add_own_tags(project_.services, value, tags);
  } else if (kind == "volume") {
    add_own_tags(project_.volumes, value, tags);
  }
  for (UserTag& tag : tags) {
    list.items.push_back(
        Fields().add("Key", std::move(tag.key)).add("Value", std::move(tag.value)).node());
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
