#include <algorithm>

#include "local/actions/ecs-impl.hpp"

namespace local::ecs {
namespace {

constexpr std::int64_t kMostClusters = 100;

struct ClusterCounts {
  std::int64_t running = 0;
  std::int64_t pending = 0;
  std::int64_t services = 0;
};

ClusterCounts count(const EcsState& state, std::string_view cluster) {
  ClusterCounts out;
  for (const auto& [id, task] : state.tasks) {
    if (task.cluster == cluster && !task.stop_wanted()) {
      ++(task.running() ? out.running : out.pending);
    }
  }
  for (const auto& [key, service] : state.services) {
    out.services += service.cluster == cluster && service.wire.status != "INACTIVE" ? 1 : 0;
  }
  return out;
}

api::Cluster describe_cluster(const EcsState& state, const ClusterRecord& cluster) {
  api::Cluster out = cluster.wire;
  const ClusterCounts counts = count(state, *out.cluster_name);
  out.running_tasks_count = counts.running;
  out.pending_tasks_count = counts.pending;
  out.active_services_count = counts.services;
  out.registered_container_instances_count = 0;
  return out;
}

bool is_cluster_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return util::is_alnum(c) || c == '-' || c == '_';
  });
}

Answer<api::CreateClusterResponse> create_cluster(EcsState& state,
                                                  const api::CreateClusterRequest& request) {
  const std::string name = request.cluster_name.value_or("default");
  if (!is_cluster_name(name)) {
    return util::unexpected(invalid_parameter(
        "Cluster name can only contain alphanumeric characters, underscores and hyphens, up to 255."));
  }
  ClusterRecord& cluster = state.clusters[name];
  if (cluster.wire.status != "ACTIVE") {
    cluster.wire = api::Cluster{};
    cluster.wire.cluster_arn = state.cluster_arn(name);
    cluster.wire.cluster_name = name;
    cluster.wire.status = "ACTIVE";
    cluster.wire.tags = request.tags;
    cluster.wire.settings = request.settings;
    if (cluster.wire.settings.empty()) {
      api::ClusterSetting insights;
      insights.name = "containerInsights";
      insights.value = "disabled";
      cluster.wire.settings.push_back(std::move(insights));
    }
    cluster.wire.configuration = request.configuration;
    cluster.wire.capacity_providers = request.capacity_providers;
    cluster.wire.default_capacity_provider_strategy = request.default_capacity_provider_strategy;
    if (request.service_connect_defaults) {
      cluster.wire.service_connect_defaults = api::ClusterServiceConnectDefaults{};
      cluster.wire.service_connect_defaults->namespace_ =
          request.service_connect_defaults->namespace_;
    }
    state.save(cluster);
  }
  api::CreateClusterResponse response;
  response.cluster = describe_cluster(state, cluster);
  return response;
}

Answer<api::DeleteClusterResponse> delete_cluster(EcsState& state,
                                                  const api::DeleteClusterRequest& request) {
  auto cluster = state.cluster(request.cluster);
  if (!cluster) {
    return util::unexpected(cluster.error());
  }
  const ClusterCounts counts = count(state, *(*cluster)->wire.cluster_name);
  if (counts.services > 0) {
    return util::unexpected(ApiError{"ClusterContainsServicesException",
                                     "The Cluster cannot be deleted while Services are active.",
                                     400});
  }
  if (counts.running + counts.pending > 0) {
    return util::unexpected(ApiError{"ClusterContainsTasksException",
                                     "The Cluster cannot be deleted while Tasks are active.",
                                     400});
  }
  (*cluster)->wire.status = "INACTIVE";
  state.save(**cluster);
  api::DeleteClusterResponse response;
  response.cluster = describe_cluster(state, **cluster);
  return response;
}

Answer<api::DescribeClustersResponse> describe_clusters(
    EcsState& state,
    const api::DescribeClustersRequest& request) {
  std::vector<std::string> wanted = request.clusters;
  if (wanted.empty()) {
    wanted = {"default"};
  }
  api::DescribeClustersResponse response;
  for (const std::string& name : wanted) {
    const auto at = state.clusters.find(last_segment(name));
    if (at == state.clusters.end()) {
      response.failures.push_back(missing(state.cluster_arn(last_segment(name))));
      continue;
    }
    api::Cluster wire = describe_cluster(state, at->second);
    if (!includes(request.include, "TAGS")) {
      wire.tags.clear();
    }
    if (!includes(request.include, "SETTINGS")) {
      wire.settings.clear();
    }
    if (!includes(request.include, "CONFIGURATIONS")) {
      wire.configuration.reset();
    }
    response.clusters.push_back(std::move(wire));
  }
  return response;
}

Answer<api::ListClustersResponse> list_clusters(EcsState& state,
                                                const api::ListClustersRequest& request) {
  std::vector<std::string> arns;
  for (const auto& [name, cluster] : state.clusters) {
    if (cluster.wire.status == "ACTIVE") {
      arns.push_back(*cluster.wire.cluster_arn);
    }
  }
  auto page = page_of(arns, request.next_token, request.max_results.value_or(kMostClusters));
  if (!page) {
    return util::unexpected(page.error());
  }
  api::ListClustersResponse response;
  response.cluster_arns = std::move(page->items);
  response.next_token = page->next_token;
  return response;
}

Answer<api::DescribeCapacityProvidersResponse> describe_capacity_providers(
    EcsState& state,
    const api::DescribeCapacityProvidersRequest& request) {
  api::DescribeCapacityProvidersResponse response;
  for (const std::string_view name : {"FARGATE", "FARGATE_SPOT"}) {
    const bool wanted =
        request.capacity_providers.empty() ||
        std::any_of(request.capacity_providers.begin(),
                    request.capacity_providers.end(),
                    [&](const std::string& asked) { return last_segment(asked) == name; });
    if (wanted) {
      api::CapacityProvider provider;
      provider.capacity_provider_arn =
          state.context().arn("ecs", "capacity-provider/" + std::string(name));
      provider.name = std::string(name);
      provider.status = "ACTIVE";
      provider.type = std::string(name);
      response.capacity_providers.push_back(std::move(provider));
    }
  }
  for (const std::string& asked : request.capacity_providers) {
    if (last_segment(asked) != "FARGATE" && last_segment(asked) != "FARGATE_SPOT") {
      response.failures.push_back(missing(asked));
    }
  }
  return response;
}

}  // namespace

void add_cluster_actions(Modules modules, ActionTable& table) {
  EcsState& state = modules.state;
  table.add<api::CreateClusterRequest>(
      [&state](const auto& r) { return create_cluster(state, r); });
  table.add<api::DeleteClusterRequest>(
      [&state](const auto& r) { return delete_cluster(state, r); });
  table.add<api::DescribeClustersRequest>(
      [&state](const auto& r) { return describe_clusters(state, r); });
  table.add<api::ListClustersRequest>([&state](const auto& r) { return list_clusters(state, r); });
  table.add<api::DescribeCapacityProvidersRequest>(
      [&state](const auto& r) { return describe_capacity_providers(state, r); });
}

}  // namespace local::ecs
