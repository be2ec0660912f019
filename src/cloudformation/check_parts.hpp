#pragma once

// The parts of cloudformation/check.hpp; included by the checks only.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cloudformation/check.hpp"

namespace cloudformation {

// The template with what every check asks of it.
class CheckedTemplate {
 public:
  explicit CheckedTemplate(const Template& t);

  CheckedTemplate(const CheckedTemplate&) = delete;
  CheckedTemplate& operator=(const CheckedTemplate&) = delete;

  [[nodiscard]] const Template& document() const { return template_; }

  [[nodiscard]] const Resource* find(std::string_view id) const;
  // The resource that `value` names by Ref or Fn::GetAtt; null when it is anything else.
  [[nodiscard]] const Resource* target(const doc::Node* value) const;
  // By DependsOn or by a reference of its properties, directly or through others.
  [[nodiscard]] bool waits_for(const Resource& resource, std::string_view id) const;

  void add(const Resource& resource,
           std::string path,
           std::string message,
           const doc::Node* at = nullptr,
           std::string help = {},
           Finding::Kind kind = Finding::Kind::rule);

  void add(Finding finding) { findings_.push_back(std::move(finding)); }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  const std::vector<std::string>& direct_dependencies(const Resource& resource) const;

  const Template& template_;
  std::map<std::string_view, const Resource*> by_id_;
  mutable std::map<const Resource*, std::vector<std::string>> dependencies_;
  std::vector<Finding> findings_;
};

// A literal's text or number; nothing for functions and other kinds.
std::optional<std::string> literal_text(const doc::Node* value);
std::optional<std::int64_t> literal_int(const doc::Node* value);
const doc::Node* property(const Resource& resource, std::string_view name);
// The items of a literal list; empty for anything else.
const std::vector<doc::Node>& items_of(const doc::Node* value);

void check_properties(CheckedTemplate& t);
void check_limits(CheckedTemplate& t);
void check_task_definitions(CheckedTemplate& t);
void check_services(CheckedTemplate& t);
void check_load_balancing(CheckedTemplate& t);

}  // namespace cloudformation
