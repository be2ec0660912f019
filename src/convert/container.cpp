#include "convert/container.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "convert/container_order.hpp"
#include "convert/discovery.hpp"
#include "convert/extensions.hpp"
#include "convert/health_check.hpp"
#include "convert/linux_parameters.hpp"
#include "convert/logging.hpp"
#include "convert/naming.hpp"
#include "convert/task_size.hpp"
#include "convert/volumes.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

doc::Node text_list(const compose::TextList& texts) {
  doc::Sequence out;
  for (const compose::Text& text : texts) {
    out.items.emplace_back(text.value);
  }
  return doc::Node(std::move(out));
}

doc::Node name_value(std::string_view name, std::string_view value) {
  return Fields().add("Name", name).add("Value", value).node();
}

bool is_secret(const TaskMember& member, std::string_view name) {
  return std::any_of(member.variables.begin(), member.variables.end(), [&](const auto& variable) {
    return variable.name == name;
  });
}

// Short names resolve by the search domain that the C library reads from LOCALDOMAIN; ECS cannot
// set one on Fargate. Libraries that do not read it (musl, Go without cgo) use the full name.
doc::Node environment(Builder& builder, const TaskMember& member) {
  const compose::Project& project = builder.project();
  const compose::Service& service = *member.service;
  doc::Sequence out;
  constexpr std::string_view kSearchDomain = "LOCALDOMAIN";
  const auto domain = search_domain(project);
  if (domain && compose::find(service.environment, kSearchDomain) == nullptr) {
    out.items.push_back(name_value(kSearchDomain, *domain));
  }
  for (const compose::Variable& variable : service.environment) {
    if (is_secret(member, variable.name)) {
      builder.note("convert.approximated",
                   variable.span,
                   "variable `" + variable.name + "` takes the value of a secret instead");
    } else if (variable.value) {
      out.items.push_back(name_value(variable.name, *variable.value));
    }
  }
  return doc::Node(std::move(out));
}

doc::Node labels(const compose::Service& service) {
  doc::Mapping out;
  for (const compose::Pair& label : service.labels) {
    out.entries.push_back({{label.name, label.span}, doc::Node(label.value)});
  }
  return doc::Node(std::move(out));
}

doc::Node ulimits(const compose::Service& service) {
  doc::Sequence out;
  for (const compose::Ulimit& limit : service.ulimits) {
    out.items.push_back(Fields()
                            .add("Name", limit.name)
                            .add("SoftLimit", limit.soft)
                            .add("HardLimit", limit.hard)
                            .node());
  }
  return doc::Node(std::move(out));
}

doc::Node system_controls(Builder& builder, const compose::Service& service) {
  doc::Sequence out;
  for (const compose::Pair& sysctl : service.sysctls) {
    if (sysctl.name.starts_with("net.") || sysctl.name.starts_with("kernel.msg") ||
        sysctl.name.starts_with("kernel.sem") || sysctl.name.starts_with("kernel.shm") ||
        sysctl.name.starts_with("fs.mqueue.")) {
      out.items.push_back(Fields().add("Namespace", sysctl.name).add("Value", sysctl.value).node());
    } else {
      builder.warning("convert.ignored",
                      sysctl.span,
                      "sysctl `" + sysctl.name +
                          "` is ignored: Fargate allows net.* and the IPC parameters only");
    }
  }
  return doc::Node(std::move(out));
}

std::optional<std::int64_t> stop_timeout(Builder& builder, const compose::Service& service) {
  if (!service.stop_grace_period) {
    return std::nullopt;
  }
  const auto wanted =
      std::chrono::ceil<std::chrono::seconds>(service.stop_grace_period->value).count();
  const std::int64_t seconds = std::clamp<std::int64_t>(wanted, 2, 120);
  if (seconds != wanted) {
    builder.note("convert.approximated",
                 service.stop_grace_period->span,
                 "`stop_grace_period` becomes " + std::to_string(seconds) +
                     " s: Fargate takes 2 s to 120 s");
  }
  return seconds;
}

std::optional<std::int64_t> reserved_mib(const compose::Service& service) {
  constexpr std::int64_t kMib = 1024 * 1024;
  constexpr std::int64_t kLeastMib = 6;  // ECS: MemoryReservation
  std::optional<std::int64_t> bytes;
  if (service.deploy && service.deploy->reservations && service.deploy->reservations->memory) {
    bytes = service.deploy->reservations->memory->value;
  } else if (service.mem_reservation) {
    bytes = service.mem_reservation->value;
  }
  return bytes && *bytes > 0 ? std::optional(std::max((*bytes + kMib - 1) / kMib, kLeastMib))
                             : std::nullopt;
}

void add_list(Fields& out, std::string_view key, doc::Node list) {
  if (const doc::Sequence* items = list.as_sequence(); items != nullptr && !items->items.empty()) {
    out.add(key, std::move(list));
  }
}

void add_unless_null(Fields& out, std::string_view key, doc::Node value) {
  if (!value.is_null()) {
    out.add(key, std::move(value));
  }
}

doc::Node all_mount_points(const compose::Project& project, const TaskMember& member) {
  doc::Sequence mounts = mount_points(project, *member.service);
  add_file_mounts(mounts, member.files);
  return doc::Node(std::move(mounts));
}

// In a task of several containers each has its own limits; the task's size is their sum.
void add_limits(Fields& out, const Task& task, const compose::Service& service) {
  if (task.members.size() == 1) {
    return;
  }
  const SizeRequest request = requested_size(service);
  if (request.cpus && request.cpus->value > 0) {
    out.add("Cpu", static_cast<std::int64_t>(std::ceil(request.cpus->value * 1024.0 - 1e-6)));
  }
  if (request.memory && request.memory->value > 0) {
    constexpr std::int64_t kMib = std::int64_t{1024} * 1024;
    out.add("Memory", (request.memory->value + kMib - 1) / kMib);
  }
}

void add_what_runs(Fields& out, const compose::Service& service) {
  if (service.entrypoint) {
    out.add("EntryPoint", text_list(*service.entrypoint));
  }
  if (service.command) {
    out.add("Command", text_list(*service.command));
  }
  if (service.working_dir) {
    out.add("WorkingDirectory", service.working_dir->value);
  }
  if (service.user) {
    out.add("User", service.user->value);
  }
}

}  // namespace

std::string image_name(const compose::Project& project, const compose::Service& service) {
  return service.image ? service.image->value : project.name + "-" + service.name;
}

doc::Node pull_secret_arn(Builder& builder, const compose::Service& service) {
  const auto secret = text_extension(builder, service.extensions, "x-aws-pull_credentials");
  if (!secret) {
    return {};
  }
  if (secret->starts_with("arn:")) {
    return doc::Node(*secret);
  }
  return cloudformation::sub(
      "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:" + *secret +
      "-??????");
}

doc::Node pull_credentials(Builder& builder, const compose::Service& service) {
  const auto secret = text_extension(builder, service.extensions, "x-aws-pull_credentials");
  return secret ? Fields().add("CredentialsParameter", *secret).node() : doc::Node();
}

doc::Node container_definition(Builder& builder, const Task& task, const TaskMember& member) {
  const compose::Service& service = *member.service;
  Fields out;
  out.add("Name", ecs_name(service.name));
  out.add("Image", image_name(builder.project(), service));
  add_unless_null(out, "RepositoryCredentials", pull_credentials(builder, service));
  out.add("Essential", is_essential(task, member));
  add_limits(out, task, service);
  add_what_runs(out, service);
  add_list(out, "Environment", environment(builder, member));
  add_unless_null(out, "Secrets", secret_environment(builder, member.variables));
  add_list(out, "PortMappings", port_mappings(builder.project(), service));
  add_unless_null(out, "HealthCheck", health_check(builder, service));
  add_list(out, "MountPoints", all_mount_points(builder.project(), member));
  add_list(out, "DependsOn", container_dependencies(builder, task, member));
  add_unless_null(out, "RestartPolicy", restart_policy(task, member));
  if (!service.labels.empty()) {
    out.add("DockerLabels", labels(service));
  }
  if (service.read_only && service.read_only->value) {
    out.add("ReadonlyRootFilesystem", true);
  }
  if (const auto mib = reserved_mib(service)) {
    out.add("MemoryReservation", *mib);
  }
  if (const auto seconds = stop_timeout(builder, service)) {
    out.add("StopTimeout", *seconds);
  }
  add_unless_null(out, "LinuxParameters", linux_parameters(builder, service));
  add_list(out, "Ulimits", ulimits(service));
  add_list(out, "SystemControls", system_controls(builder, service));
  report_logging(builder, service);
  if (writes_logs(service)) {
    out.add("LogConfiguration", log_configuration(builder, service));
  }
  return std::move(out).node();
}

}  // namespace convert
