#include "convert/task_groups.hpp"

#include <algorithm>
#include <set>

#include "convert/network.hpp"
#include "convert/one_offs.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kFamilyLabel = "ecs.task.family";
constexpr std::string_view kSharedNamespace = "service:";

// "x" of `network_mode: service:x`.
std::string_view namespace_owner(const compose::Service& service) {
  if (!service.network_mode || !service.network_mode->value.starts_with(kSharedNamespace)) {
    return {};
  }
  return std::string_view(service.network_mode->value).substr(kSharedNamespace.size());
}

// A service can be part of several tasks: "web,worker".
std::vector<std::string> families_of(const compose::Service& service) {
  const std::string* label =
      service.deploy ? compose::find(service.deploy->labels, kFamilyLabel) : nullptr;
  std::vector<std::string> out;
  for (const std::string& family : util::split(label == nullptr ? std::string() : *label, ',')) {
    if (const std::string_view name = util::trim(family); !name.empty()) {
      out.emplace_back(name);
    }
  }
  return out;
}

// The service whose network namespace this one ends up in: itself, unless it shares another's.
const compose::Service& root_of(const compose::Project& project, const compose::Service& service) {
  const compose::Service* at = &service;
  for (std::size_t steps = 0; steps <= project.services.size(); ++steps) {
    const auto next = project.services.find(std::string(namespace_owner(*at)));
    if (next == project.services.end()) {
      break;
    }
    at = &next->second;
  }
  return *at;
}

TaskKind kind_by_extension(Builder& builder, const compose::Service& service) {
  if (is_one_off_of_profile(service)) {
    return TaskKind::one_off;
  }
  if (service.extensions.find("x-aws-schedule") != nullptr) {
    return TaskKind::scheduled;
  }
  const doc::Node* hook = service.extensions.find("x-aws-hook");
  if (hook == nullptr) {
    return TaskKind::service;
  }
  const std::string* word = hook->as_string();
  if (word != nullptr && *word == "manual") {
    return TaskKind::one_off;
  }
  if (word == nullptr || *word != "pre-deploy") {
    builder.error(
        "convert.bad-extension", hook->span, "`x-aws-hook` must be `pre-deploy` or `manual`");
  }
  return TaskKind::job;
}

bool has_member(const TaskGroup& group, const std::string& name) {
  return std::any_of(group.services.begin(),
                     group.services.end(),
                     [&](const compose::Service* service) { return service->name == name; });
}

bool leads(const compose::Service& a, const compose::Service& b, const std::string& family) {
  const auto rank = [&](const compose::Service& service) {
    return service.name == family ? 0 : service.ports.empty() ? 2 : 1;
  };
  return rank(a) != rank(b) ? rank(a) < rank(b) : a.name < b.name;
}

}  // namespace

TaskGroups::TaskGroups(Builder& builder) {
  std::map<std::string, TaskGroup> by_leader;  // or by "family/<label>"
  for (const auto& [name, service] : builder.project().services) {
    const compose::Service& root = root_of(builder.project(), service);
    const std::vector<std::string> families = families_of(root);
    for (const std::string& family : families) {
      TaskGroup& group = by_leader["family/" + family];
      const bool first = group.services.empty() || leads(service, group.leader(), family);
      group.services.insert(first ? group.services.begin() : group.services.end(), &service);
    }
    if (families.empty()) {
      TaskGroup& group = by_leader[root.name];
      group.services.insert(&service == &root ? group.services.begin() : group.services.end(),
                            &service);
    }
  }
  for (auto& [key, group] : by_leader) {
    groups_.push_back(std::move(group));
  }
  std::sort(groups_.begin(), groups_.end(), [](const TaskGroup& a, const TaskGroup& b) {
    return a.leader().name < b.leader().name;
  });
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    for (const compose::Service* service : groups_[i].services) {
      group_of_.emplace(service->name, i);
    }
  }
  find_kinds(builder);
  check_cycles(builder);
}

// Compose forbids cycles of services; putting services into one task can make one of tasks.
void TaskGroups::check_cycles(Builder& builder) const {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].services.size() > 1 && all_dependencies(i).contains(i)) {
      builder.error("convert.task-cycle",
                    groups_[i].leader().span,
                    "the task of `" + groups_[i].leader().name +
                        "` depends on another one that depends on it",
                    "put these services into one task, or leave one `depends_on` out");
    }
  }
}

void TaskGroups::find_kinds(Builder& builder) {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    groups_[i].kind = kind_by_extension(builder, groups_[i].leader());
    if (groups_[i].kind == TaskKind::job) {
      hooks_.emplace(i, all_dependencies(i));
    }
  }
  for (const auto& [name, service] : builder.project().services) {
    for (const compose::Dependency& dependency : service.depends_on) {
      const auto at = group_of_.find(dependency.service);
      if (dependency.condition == compose::Condition::completed_successfully &&
          at != group_of_.end() &&
          !has_member(groups_[group_of_.find(name)->second], dependency.service) &&
          groups_[at->second].kind == TaskKind::service) {
        groups_[at->second].kind = TaskKind::job;
      }
    }
  }
}

std::set<std::size_t> TaskGroups::dependencies(std::size_t group) const {
  std::set<std::size_t> out;
  for (const compose::Service* service : groups_[group].services) {
    for (const compose::Dependency& dependency : service->depends_on) {
      const auto at = group_of_.find(dependency.service);
      if (at != group_of_.end() && at->second != group &&
          !has_member(groups_[group], dependency.service)) {
        out.insert(at->second);
      }
    }
  }
  return out;
}

std::set<std::size_t> TaskGroups::all_dependencies(std::size_t group) const {
  std::set<std::size_t> out;
  std::vector<std::size_t> open = {group};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::size_t next : dependencies(at)) {
      if (out.insert(next).second) {
        open.push_back(next);
      }
    }
  }
  return out;
}

std::vector<const TaskGroup*> TaskGroups::before(const TaskGroup& group) const {
  const std::size_t self = group_of_.find(group.leader().name)->second;
  std::set<std::size_t> wanted = dependencies(self);
  for (const auto& [hook, needed] : hooks_) {
    if (hook != self && !hooks_.contains(self) && !needed.contains(self)) {
      wanted.insert(hook);
    }
  }
  std::vector<const TaskGroup*> out;
  for (const std::size_t i : wanted) {
    out.push_back(&groups_[i]);
  }
  return out;
}

const TaskGroup& TaskGroups::of(const compose::Service& service) const {
  return groups_[group_of_.find(service.name)->second];
}

bool TaskGroups::same_task(const compose::Service& a, const compose::Service& b) const {
  return group_of_.find(a.name)->second == group_of_.find(b.name)->second;
}

std::vector<std::string> TaskGroups::networks(const TaskGroup& group) const {
  std::set<std::string> out;
  for (const compose::Service* service : group.services) {
    if (namespace_owner(*service).empty()) {
      const std::vector<std::string> own = networks_of(*service);
      out.insert(own.begin(), own.end());
    }
  }
  return {out.begin(), out.end()};
}

}  // namespace convert
