#include "local/scheduler/ecs_state.hpp"

#include <algorithm>
#include <utility>

#include "local/store.hpp"
#include "util/strings.hpp"

namespace local::ecs {
namespace {

constexpr std::string_view kClusters = "ecs.cluster";
constexpr std::string_view kDefinitions = "ecs.task_definition";
constexpr std::string_view kServices = "ecs.service";
constexpr std::string_view kTasks = "ecs.task";
constexpr std::string_view kSettingKind = "ecs.account_setting";
constexpr std::string_view kLogCursors = "ecs.log_cursor";
constexpr std::string_view kOwnedVolumes = "ecs.owned_volume";

using awsapi::EmptyLists;
using doc::Node;

}  // namespace

std::string_view last_segment(std::string_view arn_or_name) {
  return arn_or_name.substr(arn_or_name.rfind('/') + 1);
}

ApiError client_error(std::string message) {
  return {"ClientException", std::move(message), 400};
}

ApiError invalid_parameter(std::string message) {
  return {"InvalidParameterException", std::move(message), 400};
}

void EcsState::restore() {
  Store& store = context_.store;
  store.each(kClusters, [&](const std::string& id, const Node& body) {
    clusters[id] = {api::Cluster::from_node(body)};
  });
  store.each(kDefinitions, [&](const std::string& /*id*/, const Node& body) {
    api::TaskDefinition definition = api::TaskDefinition::from_node(*body.find("definition"));
    std::vector<api::TaskDefinition>& family = families[*definition.family];
    const auto revision = static_cast<std::size_t>(*definition.revision);
    family.resize(std::max(family.size(), revision));
    for (const Node& tag : body.find("tags")->as_sequence()->items) {
      task_definition_tags[*definition.task_definition_arn].push_back(api::Tag::from_node(tag));
    }
    family[revision - 1] = std::move(definition);
  });
  store.each(kServices,
             [&](const std::string& id, const Node& body) { services[id] = service_from(body); });
  store.each(kTasks, [&](const std::string& id, const Node& body) { tasks[id] = task_from(body); });
  store.each(kSettingKind,
             [&](const std::string& id, const Node& body) { settings[id] = *body.as_string(); });
  store.each(kLogCursors,
             [&](const std::string& id, const Node& body) { log_cursors[id] = *body.as_int(); });
  store.each(kOwnedVolumes,
             [&](const std::string& name, const Node& /*body*/) { owned_volumes.insert(name); });
}

void EcsState::save(const ClusterRecord& cluster) {
  context_.store.put(kClusters, *cluster.wire.cluster_name, cluster.wire.to_node(EmptyLists::omit));
}

void EcsState::save(const api::TaskDefinition& definition) {
  doc::Sequence tags;
  for (const api::Tag& tag : task_definition_tags[*definition.task_definition_arn]) {
    tags.items.push_back(tag.to_node(EmptyLists::omit));
  }
  context_.store.put(kDefinitions,
                     *definition.task_definition_arn,
                     doc::map({{"definition", definition.to_node(EmptyLists::omit)},
                               {"tags", Node{std::move(tags)}}}));
}

void EcsState::save(const ServiceRecord& service) {
  context_.store.put(kServices, service.key(), to_node(service));
}

void EcsState::save(const TaskRecord& task) {
  context_.store.put(kTasks, task.id, to_node(task));
}

void EcsState::save_setting(const std::string& name) {
  context_.store.put(kSettingKind, name, Node{settings[name]});
}

void EcsState::save_log_cursor(const std::string& container, std::int64_t nanos) {
  log_cursors[container] = nanos;
  context_.store.put(kLogCursors, container, Node{nanos});
}

void EcsState::forget_log_cursor(const std::string& container) {
  if (log_cursors.erase(container) > 0) {
    context_.store.remove(kLogCursors, container);
  }
}

void EcsState::save_owned_volume(const std::string& name) {
  if (owned_volumes.insert(name).second) {
    context_.store.put(kOwnedVolumes, name, Node{true});
  }
}

void EcsState::forget_task(const std::string& id) {
  tasks.erase(id);
  context_.store.remove(kTasks, id);
}

Answer<ClusterRecord*> EcsState::cluster(const std::optional<std::string>& name_or_arn) {
  const std::string_view name =
      name_or_arn && !name_or_arn->empty() ? last_segment(*name_or_arn) : "default";
  const auto at = clusters.find(name);
  if (at == clusters.end() || at->second.wire.status != "ACTIVE") {
    return util::unexpected(ApiError{"ClusterNotFoundException", "Cluster not found.", 400});
  }
  return &at->second;
}

Answer<ServiceRecord*> EcsState::service(const std::string& cluster, std::string_view name_or_arn) {
  const auto at = services.find(cluster + "/" + std::string(last_segment(name_or_arn)));
  if (at == services.end()) {
    return util::unexpected(ApiError{"ServiceNotFoundException", "Service not found.", 400});
  }
  return &at->second;
}

TaskRecord* EcsState::task(const std::string& cluster, std::string_view id_or_arn) {
  const auto at = tasks.find(last_segment(id_or_arn));
  return at == tasks.end() || at->second.cluster != cluster ? nullptr : &at->second;
}

api::TaskDefinition* EcsState::task_definition(std::string_view name) {
  name = last_segment(name);
  const std::size_t colon = name.rfind(':');
  const auto family = families.find(name.substr(0, colon));
  if (family == families.end()) {
    return nullptr;
  }
  std::vector<api::TaskDefinition>& revisions = family->second;
  if (colon != std::string_view::npos) {
    const auto revision = util::parse_int(name.substr(colon + 1));
    const bool known =
        revision && *revision >= 1 && *revision <= static_cast<std::int64_t>(revisions.size());
    return known ? &revisions[static_cast<std::size_t>(*revision - 1)] : nullptr;
  }
  const auto newest =
      std::find_if(revisions.rbegin(), revisions.rend(), [](const api::TaskDefinition& d) {
        return d.status == "ACTIVE";
      });
  return newest == revisions.rend() ? nullptr : &*newest;
}

std::string EcsState::cluster_arn(std::string_view cluster) const {
  return context_.arn("ecs", "cluster/" + std::string(cluster));
}

std::string EcsState::service_arn(std::string_view cluster, std::string_view service) const {
  return context_.arn("ecs", "service/" + std::string(cluster) + "/" + std::string(service));
}

std::string EcsState::task_arn(std::string_view cluster, std::string_view id) const {
  return context_.arn("ecs", "task/" + std::string(cluster) + "/" + std::string(id));
}

std::string EcsState::new_digits(std::size_t count) {
  std::string out = context_.ids.hex(count);
  for (char& c : out) {
    c = static_cast<char>('0' + (c >= 'a' ? c - 'a' + 1 : c - '0'));  // a..f -> 1..6
  }
  if (!out.empty() && out.front() == '0') {
    out.front() = '9';
  }
  return out;
}

}  // namespace local::ecs
