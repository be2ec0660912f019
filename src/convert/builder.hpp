#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "cloudformation/template.hpp"
#include "compose/project.hpp"
#include "convert/convert.hpp"
#include "convert/fields.hpp"
#include "diag/diagnostic.hpp"

namespace convert {

// The project's files that travel in a template.
inline constexpr std::uint64_t kMostFileBytes = std::uint64_t{128} * 1024;
inline constexpr std::size_t kMostFiles = 100;

// What every part of a conversion shares: the project that is read, the template that grows, the
// sink for problems.
class Builder {
 public:
  Builder(const compose::Project& project, diag::Sink& sink, ReadTree read_tree)
      : project_(project), sink_(sink), read_tree_(std::move(read_tree)) {}

  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  [[nodiscard]] const compose::Project& project() const { return project_; }

  [[nodiscard]] util::Result<util::FileTree, util::FileError> read_tree(
      const std::string& path) const {
    return read_tree_(path);
  }

  // Two resources with one id are a bug of the naming, or names beyond all reason: reported as an
  // error.
  void add(cloudformation::Resource resource);
  void add_parameter(std::string_view name,
                     std::string_view type,
                     std::string_view description,
                     const std::optional<std::string>& default_value = std::nullopt);
  // `declaration`: Type, Description, Default, …
  void add_parameter(std::string_view name, doc::Node declaration);
  void add_output(std::string_view name, std::string_view description, doc::Node value);

  // A list of tags: com.docker.compose.project, com.docker.compose.<kind> = `value` when given, and
  // those of `x-aws-tags`, of the project and of the service or volume that is named.
  [[nodiscard]] doc::Node tags(std::string_view kind = {}, std::string_view value = {}) const;

  [[nodiscard]] bool has(const cloudformation::LogicalId& id) const {
    return ids_.contains(id.str());
  }

  void error(std::string_view code,
             std::optional<diag::Span> span,
             std::string message,
             std::string help = {});
  void warning(std::string_view code,
               std::optional<diag::Span> span,
               std::string message,
               std::string help = {});
  void note(std::string_view code,
            std::optional<diag::Span> span,
            std::string message,
            std::string help = {});
  void report(diag::Diagnostic diagnostic);

  [[nodiscard]] bool has_errors() const { return has_errors_; }

  cloudformation::Template take() { return std::move(template_); }

 private:
  const compose::Project& project_;
  diag::Sink& sink_;
  ReadTree read_tree_;
  cloudformation::Template template_;
  std::set<std::string, std::less<>> ids_;
  bool has_errors_ = false;
};

// A resource with the members that nearly all have.
cloudformation::Resource resource(cloudformation::LogicalId id,
                                  std::string_view type,
                                  Fields properties,
                                  diag::Span span = {});

}  // namespace convert
