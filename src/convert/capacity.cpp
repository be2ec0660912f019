#include "convert/capacity.hpp"

#include <algorithm>

#include "convert/extensions.hpp"
#include "convert/placement.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kCapacity = "x-aws-capacity";
constexpr std::string_view kAssociations = "ClusterCapacity";

struct Mix {
  std::int64_t spot_percent = 0;
  std::int64_t base = 0;  // tasks that are never on Spot
};

std::optional<std::int64_t> percent(const doc::Node& value) {
  if (const bool* flag = value.as_bool()) {
    return *flag ? 100 : 0;
  }
  if (const std::int64_t* number = value.as_int()) {
    return *number;
  }
  const std::string* text = value.as_string();
  return text == nullptr
             ? std::nullopt
             : util::parse_int(text->ends_with("%") ? text->substr(0, text->size() - 1) : *text);
}

std::optional<Mix> mix_of(const compose::Service& service) {
  const doc::Node* given = service.extensions.find(kCapacity);
  if (given == nullptr) {
    return Mix{};
  }
  if (const std::string* word = given->as_string()) {
    if (*word == "spot" || *word == "fargate") {
      return Mix{*word == "spot" ? 100 : 0, 0};
    }
    return std::nullopt;
  }
  const doc::Node* spot = given->find("spot");
  const auto share = spot == nullptr ? std::nullopt : percent(*spot);
  const doc::Node* base_node = given->find("base");
  const auto base = base_node == nullptr ? std::optional<std::int64_t>(0) : percent(*base_node);
  if (!share || !base || *share < 0 || *share > 100 || *base < 0) {
    return std::nullopt;
  }
  return Mix{*share, *base};
}

doc::Node strategy_item(std::string_view provider, std::int64_t base, std::int64_t weight) {
  Fields out;
  out.add("CapacityProvider", provider);
  if (base > 0) {
    out.add("Base", base);
  }
  out.add("Weight", weight);
  return std::move(out).node();
}

bool is_windows(const compose::Service& service) {
  return service.platform && service.platform->value.starts_with("windows");
}

}  // namespace

void add_capacity(Builder& builder, const compose::Service& service, Fields& properties) {
  const auto mix = mix_of(service);
  if (!mix) {
    builder.error(
        "convert.bad-extension",
        service.extensions.find(kCapacity)->span,
        "`x-aws-capacity` must be `spot`, `fargate`, or a mapping with `spot`, a share in "
        "percent, and `base`, a number of tasks");
    return;
  }
  if (mix->spot_percent == 0) {
    properties.add("LaunchType", "FARGATE");
    return;
  }
  if (is_windows(service)) {
    builder.error("convert.unsupported",
                  service.extensions.find(kCapacity)->span,
                  "Fargate Spot has no Windows tasks");
  }
  doc::Sequence strategy;
  if (mix->spot_percent < 100 || mix->base > 0) {
    strategy.items.push_back(strategy_item("FARGATE", mix->base, 100 - mix->spot_percent));
  }
  strategy.items.push_back(strategy_item("FARGATE_SPOT", 0, mix->spot_percent));
  properties.add("CapacityProviderStrategy", doc::Node(std::move(strategy)));
}

std::optional<cloudformation::LogicalId> capacity_dependency(const compose::Project& project,
                                                             const compose::Service& service) {
  const auto mix = mix_of(service);
  if (!mix || mix->spot_percent == 0 || !has_own_cluster(project)) {
    return std::nullopt;
  }
  return cloudformation::LogicalId{std::string(kAssociations)};
}

void add_cluster_capacity(Builder& builder, const TaskGroups& groups) {
  const bool spot =
      std::any_of(groups.all().begin(), groups.all().end(), [&](const TaskGroup& group) {
        return capacity_dependency(builder.project(), group.leader()).has_value();
      });
  if (!spot) {
    return;
  }
  builder.add(resource(cloudformation::LogicalId{std::string(kAssociations)},
                       "AWS::ECS::ClusterCapacityProviderAssociations",
                       Fields()
                           .add("Cluster", cloudformation::ref("Cluster"))
                           .add("CapacityProviders", items("FARGATE", "FARGATE_SPOT"))
                           .add("DefaultCapacityProviderStrategy", items())));
}

}  // namespace convert
