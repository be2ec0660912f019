#include "convert/support_report.hpp"

#include <algorithm>
#include <set>

#include "convert/one_offs.hpp"
#include "convert/support_matrix.hpp"

namespace convert {
namespace {

diag::Severity severity_of(Support support) {
  switch (support) {
    case Support::refused: return diag::Severity::error;
    case Support::ignored: return diag::Severity::warning;
    case Support::converted:
    case Support::approximated:
    case Support::irrelevant: break;
  }
  return diag::Severity::note;
}

bool is_reported(Support support) {
  return support != Support::converted && support != Support::approximated;
}

// `x-aws-ignore` names attributes that the service can do without.
bool may_be_ignored(const compose::Service& service, std::string_view attribute) {
  const doc::Node* given = service.extensions.find("x-aws-ignore");
  if (given == nullptr) {
    return false;
  }
  const auto names_it = [&](const doc::Node& node) {
    return node.as_string() != nullptr && *node.as_string() == attribute;
  };
  const doc::Sequence* list = given->as_sequence();
  return list == nullptr ? names_it(*given)
                         : std::any_of(list->items.begin(), list->items.end(), names_it);
}

void report_row(Builder& builder,
                const compose::Service& service,
                const SupportRow& row,
                const diag::Span& span) {
  if (row.support == Support::refused && may_be_ignored(service, row.attribute)) {
    builder.warning("convert.ignored",
                    span,
                    "`" + std::string(row.attribute) +
                        "` has no effect, as `x-aws-ignore` allows: " + std::string(row.effect));
    return;
  }
  const bool refused = row.support == Support::refused;
  std::string message = "`" + std::string(row.attribute) + "` " +
                        (refused ? "cannot be converted: " : "has no effect: ") +
                        std::string(row.effect);
  builder.report({severity_of(row.support),
                  refused ? "convert.unsupported" : "convert.ignored",
                  std::move(message),
                  span,
                  {},
                  std::string(row.alternative)});
}

void report_attributes(Builder& builder, const compose::Service& service) {
  std::set<const SupportRow*> reported;
  for (const compose::Attribute& attribute : service.attributes) {
    // Without a place, the loader made it up (a `depends_on` that `links` implies).
    if (attribute.value.starts_with("x-") || attribute.span.file.value == 0) {
      continue;
    }
    const SupportRow* row = find_support(attribute.value);
    if (row != nullptr && is_reported(row->support) && reported.insert(row).second) {
      report_row(builder, service, *row, attribute.span);
    }
  }
}

void report_restart(Builder& builder, const compose::Service& service) {
  const auto report = [&](const compose::Text& value) {
    builder.warning("convert.ignored",
                    value.span,
                    "a task of `" + service.name + "` that stops is replaced, in spite of `" +
                        value.value + "`: an ECS service keeps its number of tasks",
                    "if it is a job, say so with `x-aws-hook` or `x-aws-schedule`");
  };
  if (service.restart &&
      (service.restart->value == "no" || service.restart->value.starts_with("on-failure"))) {
    report(*service.restart);
  }
  const auto* policy =
      service.deploy && service.deploy->restart_policy ? &*service.deploy->restart_policy : nullptr;
  if (policy != nullptr && policy->condition && policy->condition->value != "any") {
    report(*policy->condition);
  }
}

void report_mode(Builder& builder, const compose::Service& service, TaskKind kind) {
  if (!service.deploy || !service.deploy->mode || service.deploy->mode->value == "replicated") {
    return;
  }
  const compose::Text& mode = *service.deploy->mode;
  if (mode.value == "global") {
    builder.warning("convert.ignored",
                    mode.span,
                    "`mode: global` has no effect: Fargate has no nodes, so `replicas` decides");
  } else if (kind == TaskKind::service) {
    builder.error("convert.unsupported",
                  mode.span,
                  "`mode: " + mode.value + "` cannot be converted: ECS keeps a service running");
  }
}

void report_network_mode(Builder& builder, const compose::Service& service) {
  if (!service.network_mode || service.network_mode->value == "bridge") {
    return;
  }
  const compose::Text& mode = *service.network_mode;
  if (mode.value.starts_with("service:")) {
    return;
  }
  if (mode.value.starts_with("container:")) {
    builder.error(
        "convert.unsupported",
        mode.span,
        "`network_mode: " + mode.value + "` cannot be converted: there are no other containers",
        "share the namespace of a service with `network_mode: service:<name>`");
    return;
  }
  builder.warning(
      "convert.ignored",
      mode.span,
      "`network_mode: " + mode.value +
          "` has no effect: every task has an address of its own, on network `default`");
}

void report_mounts(Builder& builder, const compose::Service& service) {
  for (const compose::Mount& mount : service.mounts) {
    if (std::holds_alternative<compose::TmpfsMount>(mount.source) ||
        std::holds_alternative<compose::BindMount>(mount.source)) {
      continue;
    }
    if (const auto* volume = std::get_if<compose::VolumeMount>(&mount.source)) {
      if (!volume->source) {
        builder.note("convert.approximated",
                     mount.span,
                     "the anonymous volume at `" + mount.target +
                         "` is part of the container: it ends with its task");
      }
      continue;
    }
    builder.error(
        "convert.unsupported",
        mount.span,
        "the mount at `" + mount.target + "` cannot be converted: ECS has no mounts of this type",
        "copy the files into the image, or use a named volume");
  }
}

}  // namespace

void report_unconverted(Builder& builder, const TaskGroup& group) {
  if (is_one_off_of_profile(group.leader())) {
    return;
  }
  if (group.kind == TaskKind::job) {
    builder.note(
        "convert.approximated",
        group.leader().span,
        "`" + group.leader().name + "` is a job: once done, its task stays with an idle container",
        "see jobs.md");
  }
  const bool alone = group.services.size() == 1 && group.kind == TaskKind::service;
  for (const compose::Service* service : group.services) {
    report_attributes(builder, *service);
    if (alone) {
      report_restart(builder, *service);
    }
    report_mode(builder, *service, group.kind);
    report_network_mode(builder, *service);
    report_mounts(builder, *service);
  }
}

}  // namespace convert
