#include "convert/autoscaling.hpp"

#include <algorithm>
#include <array>

#include "convert/extensions.hpp"
#include "convert/naming.hpp"
#include "convert/placement.hpp"
#include "convert/schedule_time.hpp"
#include "convert/target_group.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kAutoscaling = "x-aws-autoscaling";
constexpr std::int64_t kCooldownSeconds = 60;

const doc::Node* scaling_of(const compose::Service& service) {
  return service.deploy ? service.deploy->extensions.find(kAutoscaling) : nullptr;
}

doc::Node resource_id(const Builder& builder, const compose::Service& service) {
  return cloudformation::join(
      "/",
      {doc::Node("service"),
       cluster_name(builder.project()),
       cloudformation::get_att(logical_id(service.name, "Service").str(), "Name")});
}

void check_members(Builder& builder, const doc::Mapping& scaling) {
  static const std::vector<std::string> kKnown = {
      "cpu", "max", "mem", "memory", "min", "requests", "schedule"};
  for (const doc::Entry& entry : scaling.entries) {
    if (std::find(kKnown.begin(), kKnown.end(), entry.key.value) == kKnown.end() &&
        !entry.key.value.starts_with("x-")) {
      const auto guess = util::nearest(entry.key.value, kKnown);
      builder.warning(
          "convert.unknown-extension",
          entry.key.span,
          "`" + entry.key.value + "` of `x-aws-autoscaling` is not known here and has no effect",
          guess ? "did you mean `" + *guess + "`?" : std::string());
    }
  }
}

struct Range {
  std::int64_t min = 0;
  std::int64_t max = 1;
};

std::optional<Range> range_of(Builder& builder,
                              const compose::Service& service,
                              const doc::Mapping& scaling,
                              const diag::Span& span) {
  const auto max = number_extension(builder, scaling, "max");
  if (!max) {
    builder.error("convert.bad-extension",
                  span,
                  "`x-aws-autoscaling` of `" + service.name +
                      "` must say `max`, the most tasks there may be");
    return std::nullopt;
  }
  const Range out{
      number_extension(builder, scaling, "min").value_or(std::min<std::int64_t>(1, *max)), *max};
  if (out.min < 0 || out.min > out.max) {
    builder.error("convert.bad-extension",
                  span,
                  "`x-aws-autoscaling` of `" + service.name + "`: `min` must be from 0 to `max`");
    return std::nullopt;
  }
  return out;
}

doc::Node scheduled_action(Builder& builder, const doc::Node& given, std::size_t number) {
  const doc::Mapping* entry = given.as_mapping();
  const auto time = schedule_time(builder, given);
  if (entry == nullptr || !time) {
    return {};
  }
  Fields action;
  if (const auto min = number_extension(builder, *entry, "min")) {
    action.add("MinCapacity", *min);
  }
  if (const auto max = number_extension(builder, *entry, "max")) {
    action.add("MaxCapacity", *max);
  }
  if (action.empty()) {
    builder.error(
        "convert.bad-schedule", given.span, "this schedule changes neither `min` nor `max`");
  }
  Fields out;
  out.add("ScheduledActionName", "schedule-" + std::to_string(number))
      .add("Schedule", time->expression);
  if (!time->timezone.empty()) {
    out.add("Timezone", time->timezone);
  }
  out.add("ScalableTargetAction", std::move(action).node());
  return std::move(out).node();
}

doc::Node scheduled_actions(Builder& builder, const doc::Node* schedule) {
  doc::Sequence out;
  if (schedule == nullptr) {
    return {};
  }
  const doc::Sequence* list = schedule->as_sequence();
  if (list == nullptr) {
    builder.error("convert.bad-schedule", schedule->span, "`schedule` must be a list");
    return {};
  }
  for (const doc::Node& item : list->items) {
    if (doc::Node action = scheduled_action(builder, item, out.items.size() + 1);
        !action.is_null()) {
      out.items.push_back(std::move(action));
    }
  }
  return out.items.empty() ? doc::Node() : doc::Node(std::move(out));
}

void add_target(Builder& builder,
                const compose::Service& service,
                const Range& range,
                const doc::Node* schedule) {
  Fields properties;
  properties.add("ServiceNamespace", "ecs")
      .add("ScalableDimension", "ecs:service:DesiredCount")
      .add("ResourceId", resource_id(builder, service))
      .add("MinCapacity", range.min)
      .add("MaxCapacity", range.max);
  if (doc::Node actions = scheduled_actions(builder, schedule); !actions.is_null()) {
    properties.add("ScheduledActions", std::move(actions));
  }
  builder.add(resource(logical_id(service.name, "ScalableTarget"),
                       "AWS::ApplicationAutoScaling::ScalableTarget",
                       std::move(properties),
                       service.span));
}

void add_policy(Builder& builder,
                const compose::Service& service,
                std::string_view kind,
                doc::Node metric,
                std::int64_t target) {
  const cloudformation::LogicalId id =
      logical_id(service.name, std::string(kind) + "ScalingPolicy");
  builder.add(
      resource(id,
               "AWS::ApplicationAutoScaling::ScalingPolicy",
               Fields()
                   .add("PolicyName", service.name + "-" + util::to_lower(kind))
                   .add("PolicyType", "TargetTrackingScaling")
                   .add("ScalingTargetId",
                        cloudformation::ref(logical_id(service.name, "ScalableTarget").str()))
                   .add("TargetTrackingScalingPolicyConfiguration",
                        Fields()
                            .add("PredefinedMetricSpecification", std::move(metric))
                            .add("TargetValue", target)
                            .add("ScaleInCooldown", kCooldownSeconds)
                            .add("ScaleOutCooldown", kCooldownSeconds)
                            .node()),
               service.span));
}

doc::Node metric(std::string_view type) {
  return Fields().add("PredefinedMetricType", type).node();
}

void add_request_policy(Builder& builder,
                        const compose::Service& service,
                        const std::vector<PublishedPort>& ports,
                        std::int64_t target,
                        const diag::Span& span) {
  const auto port = std::find_if(ports.begin(), ports.end(), [&](const PublishedPort& one) {
    return one.service == &service && one.balancer == Balancer::application;
  });
  if (port == ports.end()) {
    builder.error(
        "convert.bad-extension",
        span,
        "`requests` counts HTTP requests, but `" + service.name + "` publishes no HTTP port",
        "publish one, or scale by `cpu`");
    return;
  }
  add_policy(builder,
             service,
             "Requests",
             Fields()
                 .add("PredefinedMetricType", "ALBRequestCountPerTarget")
                 .add("ResourceLabel", request_count_label(builder.project(), ports, *port))
                 .node(),
             target);
}

}  // namespace

bool is_scaled(const compose::Service& service) {
  return scaling_of(service) != nullptr;
}

void add_autoscaling(Builder& builder,
                     const compose::Service& service,
                     const std::vector<PublishedPort>& ports) {
  const doc::Node* given = scaling_of(service);
  if (given == nullptr) {
    return;
  }
  const doc::Mapping* scaling = given->as_mapping();
  if (scaling == nullptr) {
    builder.error("convert.bad-extension", given->span, "`x-aws-autoscaling` must be a mapping");
    return;
  }
  check_members(builder, *scaling);
  const auto range = range_of(builder, service, *scaling, given->span);
  if (!range) {
    return;
  }
  add_target(builder, service, *range, scaling->find("schedule"));
  if (const auto cpu = number_extension(builder, *scaling, "cpu")) {
    add_policy(builder, service, "Cpu", metric("ECSServiceAverageCPUUtilization"), *cpu);
  }
  const std::string_view memory_key = scaling->find("memory") != nullptr ? "memory" : "mem";
  if (const auto memory = number_extension(builder, *scaling, memory_key)) {
    add_policy(builder, service, "Memory", metric("ECSServiceAverageMemoryUtilization"), *memory);
  }
  if (const auto requests = number_extension(builder, *scaling, "requests")) {
    add_request_policy(builder, service, ports, *requests, scaling->find("requests")->span);
  }
}

}  // namespace convert
