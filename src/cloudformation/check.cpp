#include "cloudformation/check.hpp"

#include <set>

#include "cloudformation/check_parts.hpp"
#include "cloudformation/evaluate.hpp"
#include "cloudformation/intrinsics.hpp"
#include "util/strings.hpp"

namespace cloudformation {

std::string Finding::text() const {
  const std::string place =
      path.empty() || resource.empty() ? resource + path : resource + "." + path;
  return (place.empty() ? "" : place + ": ") + message;
}

CheckedTemplate::CheckedTemplate(const Template& t) : template_(t) {
  for (const Resource& resource : t.resources) {
    by_id_.emplace(resource.id.str(), &resource);
  }
}

const Resource* CheckedTemplate::find(std::string_view id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

const Resource* CheckedTemplate::target(const doc::Node* value) const {
  const auto call = value == nullptr ? std::nullopt : as_call(*value);
  if (!call) {
    return nullptr;
  }
  if (const std::string* text = call->argument->as_string()) {
    return find(call->function == "Fn::GetAtt" ? split_attribute(*text).first : *text);
  }
  const doc::Sequence* parts = call->argument->as_sequence();
  const bool get_att = call->function == "Fn::GetAtt" && parts != nullptr && !parts->items.empty();
  const std::string* id = get_att ? parts->items.front().as_string() : nullptr;
  return id == nullptr ? nullptr : find(*id);
}

const std::vector<std::string>& CheckedTemplate::direct_dependencies(
    const Resource& resource) const {
  const auto [at, is_new] = dependencies_.try_emplace(&resource);
  if (is_new) {
    for (const LogicalId& id : resource.depends_on) {
      at->second.push_back(id.str());
    }
    for (Reference& reference : references(resource.properties)) {
      at->second.push_back(std::move(reference.target));
    }
  }
  return at->second;
}

bool CheckedTemplate::waits_for(const Resource& resource, std::string_view id) const {
  std::set<const Resource*> seen{&resource};
  std::vector<const Resource*> open{&resource};
  while (!open.empty()) {
    const Resource& at = *open.back();
    open.pop_back();
    for (const std::string& dependency : direct_dependencies(at)) {
      if (dependency == id) {
        return true;
      }
      const Resource* next = find(dependency);
      if (next != nullptr && seen.insert(next).second) {
        open.push_back(next);
      }
    }
  }
  return false;
}

void CheckedTemplate::add(const Resource& resource,
                          std::string path,
                          std::string message,
                          const doc::Node* at,
                          std::string help,
                          Finding::Kind kind) {
  const bool placed = at != nullptr && at->span.file.value != 0;
  findings_.push_back({resource.id.str(),
                       std::move(path),
                       std::move(message),
                       std::move(help),
                       placed ? at->span : resource.span,
                       kind});
}

std::optional<std::string> literal_text(const doc::Node* value) {
  return value == nullptr ? std::nullopt : scalar_text(*value);
}

std::optional<std::int64_t> literal_int(const doc::Node* value) {
  const auto text = literal_text(value);
  return text ? util::parse_int(*text) : std::nullopt;
}

const doc::Node* property(const Resource& resource, std::string_view name) {
  return resource.properties.find(name);
}

const std::vector<doc::Node>& items_of(const doc::Node* value) {
  static const std::vector<doc::Node> none;
  const doc::Sequence* list = value == nullptr ? nullptr : value->as_sequence();
  return list == nullptr ? none : list->items;
}

std::vector<Finding> check(const Template& t) {
  CheckedTemplate checked(t);
  check_limits(checked);
  check_properties(checked);
  check_task_definitions(checked);
  check_services(checked);
  check_load_balancing(checked);
  return checked.take();
}

}  // namespace cloudformation
