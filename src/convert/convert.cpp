#include "convert/convert.hpp"

#include <algorithm>
#include <array>

#include "convert/autoscaling.hpp"
#include "convert/balancers.hpp"
#include "convert/builder.hpp"
#include "convert/capacity.hpp"
#include "convert/discovery.hpp"
#include "convert/extensions.hpp"
#include "convert/guard.hpp"
#include "convert/load_balancer.hpp"
#include "convert/network.hpp"
#include "convert/overlay.hpp"
#include "convert/own_vpc.hpp"
#include "convert/placement.hpp"
#include "convert/ports.hpp"
#include "convert/scheduled_task.hpp"
#include "convert/secrets.hpp"
#include "convert/service.hpp"
#include "convert/support_report.hpp"
#include "convert/task_definition.hpp"
#include "convert/volumes.hpp"

namespace convert {
namespace {

constexpr std::int64_t kDefaultRetentionDays = 30;
// CloudWatch Logs: PutRetentionPolicy.
constexpr std::array<std::int64_t, 22> kRetentionDays = {
    1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
    365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

std::int64_t retention_days(Builder& builder) {
  const compose::Extensions& extensions = builder.project().extensions;
  const auto days = number_extension(builder, extensions, "x-aws-logs_retention");
  if (!days) {
    return kDefaultRetentionDays;
  }
  const auto* legal = std::lower_bound(kRetentionDays.begin(), kRetentionDays.end(), *days);
  const std::int64_t chosen = legal == kRetentionDays.end() ? kRetentionDays.back() : *legal;
  if (chosen != *days) {
    builder.note("convert.approximated",
                 extensions.find("x-aws-logs_retention")->span,
                 "logs are kept for " + std::to_string(chosen) +
                     " days: CloudWatch Logs has no period of " + std::to_string(*days));
  }
  return chosen;
}

void add_project_resources(Builder& builder) {
  const std::string& name = builder.project().name;
  if (has_own_cluster(builder.project())) {
    builder.add(resource(cloudformation::LogicalId{"Cluster"},
                         "AWS::ECS::Cluster",
                         Fields().add("ClusterName", name).add("Tags", builder.tags())));
  }
  builder.add(resource(cloudformation::LogicalId{"LogGroup"},
                       "AWS::Logs::LogGroup",
                       Fields()
                           .add("LogGroupName", "/docker-compose/" + name)
                           .add("RetentionInDays", retention_days(builder))
                           .add("Tags", builder.tags())));
  add_namespace(builder);
}

}  // namespace

std::vector<FactRequest> needed_facts(const compose::Project& project) {
  std::vector<FactRequest> out;
  diag::Bag reported_by_conversion;
  Builder builder(project, reported_by_conversion, {});
  const std::vector<PublishedPort> ports = published_ports(builder);
  for (const Balancer kind : {Balancer::network, Balancer::application}) {
    const auto balancer = load_balancer_of(project, ports, kind);
    if (balancer && !balancer->own && !balancer->reference.empty()) {
      out.emplace_back(BalancerFact{balancer->reference,
                                    kind == Balancer::network ? "network" : "application",
                                    balancer->arn_parameter(),
                                    balancer->group_parameter(),
                                    balancer->dns_parameter(),
                                    balancer->zone_parameter()});
    }
  }
  if (!has_own_vpc(project)) {
    out.emplace_back(
        PlacementFact{named_vpc(project), subnet_choice(project), is_balancer_internal(project)});
  }
  return out;
}

util::Result<util::FileTree, util::FileError> read_small_tree(const std::string& path) {
  return util::read_tree(path, kMostFileBytes, kMostFiles);
}

std::optional<cloudformation::Template> convert(const compose::Project& project,
                                                diag::Sink& sink,
                                                const ReadTree& read_tree) {
  Builder builder(project, sink, read_tree);
  if (project.services.empty()) {
    builder.error("convert.no-services", std::nullopt, "the project has no service to deploy");
    return std::nullopt;
  }
  check_extensions(builder);
  check_placement(builder);
  check_discovery(builder);
  const std::vector<PublishedPort> ports = published_ports(builder);
  add_placement_parameters(builder, makes_load_balancer(project, ports));
  add_balancer_parameters(builder, ports);
  add_secret_parameters(builder);
  add_own_vpc(builder);
  add_project_resources(builder);
  add_networks(builder, ports);
  add_load_balancers(builder, ports);
  const TaskGroups groups(builder);
  add_cluster_capacity(builder, groups);
  add_volumes(builder, groups);
  for (const TaskGroup& group : groups.all()) {
    report_unconverted(builder, group);
    add_task(builder, plan_task(builder, group));
    if (group.kind == TaskKind::service || group.kind == TaskKind::job) {
      add_service(builder, groups, group, ports);
      add_autoscaling(builder, group.leader(), ports);
    } else if (group.kind == TaskKind::scheduled) {
      add_schedule(builder, groups, group);
    }
  }
  if (builder.has_errors()) {
    return std::nullopt;
  }
  cloudformation::Template out = builder.take();
  out.description = "Compose project " + project.name + " on Amazon ECS";
  apply_overlay(builder, out);
  if (!builder.has_errors()) {
    guard(builder, out);
  }
  if (builder.has_errors()) {
    return std::nullopt;
  }
  return out;
}

}  // namespace convert
