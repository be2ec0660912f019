#include "convert/deployment.hpp"

#include <algorithm>

#include "convert/extensions.hpp"
#include "convert/volumes.hpp"

namespace convert {
namespace {

// In percent of the desired count.
struct Limits {
  std::int64_t least = 100;
  std::int64_t most = 200;
};

// `parallelism` tasks at a time, 0 for all; without an order they are stopped and started together,
// as the earlier tools did it.
Limits limits_of(const compose::UpdateConfig& update, std::int64_t replicas) {
  const std::int64_t count = std::max<std::int64_t>(replicas, 1);
  const bool all = update.parallelism && update.parallelism->value == 0;
  const std::int64_t step =
      all ? count : std::min(update.parallelism ? update.parallelism->value : 1, count);
  const Limits both{(count - step) * 100 / count, (count + step) * 100 / count};
  if (!update.order) {
    return update.parallelism ? both : Limits{};
  }
  return update.order->value == "stop-first" ? Limits{both.least, 100} : Limits{100, both.most};
}

void check_failure_action(Builder& builder, const compose::UpdateConfig& update) {
  if (update.failure_action && update.failure_action->value != "rollback") {
    builder.note("convert.approximated",
                 update.failure_action->span,
                 "`failure_action: " + update.failure_action->value +
                     "` becomes a rollback: a stack cannot stay half updated");
  }
}

// `x-aws-alarms`: a name or a list of names.
doc::Node alarm_names(Builder& builder, const compose::Service& service) {
  const doc::Node* given = service.deploy && service.deploy->update_config
                               ? service.deploy->update_config->extensions.find("x-aws-alarms")
                               : nullptr;
  if (given == nullptr) {
    return {};
  }
  doc::Node names = given->as_sequence() != nullptr ? *given : items(*given);
  for (const doc::Node& name : names.as_sequence()->items) {
    if (name.as_string() == nullptr && name.as_mapping() == nullptr) {
      builder.error("convert.bad-extension", name.span, "`x-aws-alarms` must be names of alarms");
    }
  }
  return names;
}

// Shifting traffic needs a second target group and leaves the Cloud Map names behind.
void check_strategy(Builder& builder, const compose::Service& service) {
  const doc::Node* given =
      service.deploy ? service.deploy->extensions.find("x-aws-strategy") : nullptr;
  const doc::Node* type =
      given != nullptr && given->as_mapping() != nullptr ? given->find("type") : given;
  if (type == nullptr || (type->as_string() != nullptr && *type->as_string() == "rolling")) {
    return;
  }
  builder.error("convert.unsupported",
                given->span,
                "`x-aws-strategy` can be `rolling` only",
                "add the target group and `DeploymentConfiguration` with `x-aws-cloudformation`");
}

}  // namespace

doc::Node deployment_configuration(Builder& builder, const compose::Service& service) {
  check_strategy(builder, service);
  // A second task must not open the files of the first one.
  Limits limits = has_volumes(builder.project(), service) && service.replicas() == 1
                      ? Limits{0, 100}
                      : Limits{};
  if (service.deploy && service.deploy->update_config) {
    const compose::UpdateConfig& update = *service.deploy->update_config;
    check_failure_action(builder, update);
    if (update.parallelism || update.order) {
      limits = limits_of(update, service.replicas());
    }
    limits.least =
        number_extension(builder, update.extensions, "x-aws-min_percent").value_or(limits.least);
    limits.most =
        number_extension(builder, update.extensions, "x-aws-max_percent").value_or(limits.most);
  }
  Fields out;
  out.add("MinimumHealthyPercent", limits.least)
      .add("MaximumPercent", limits.most)
      .add("DeploymentCircuitBreaker", Fields().add("Enable", true).add("Rollback", true).node());
  if (doc::Node names = alarm_names(builder, service); !names.is_null()) {
    out.add("Alarms",
            Fields()
                .add("AlarmNames", std::move(names))
                .add("Enable", true)
                .add("Rollback", true)
                .node());
  }
  return std::move(out).node();
}

}  // namespace convert
