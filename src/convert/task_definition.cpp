#include "convert/task_definition.hpp"

#include <set>
#include <string>

#include "convert/container.hpp"
#include "convert/container_order.hpp"
#include "convert/discovery.hpp"
#include "convert/extensions.hpp"
#include "convert/naming.hpp"
#include "convert/roles.hpp"
#include "convert/task_size.hpp"
#include "convert/volumes.hpp"

namespace convert {
namespace {

bool runs_windows(const compose::Service& service) {
  return service.platform && service.platform->value.starts_with("windows");
}

std::string windows_family(Builder& builder, const compose::Service& service) {
  return text_extension(builder, service.extensions, "x-aws-os_family")
      .value_or("WINDOWS_SERVER_2022_CORE");
}

doc::Node runtime_platform(Builder& builder, const compose::Service& service) {
  std::string_view architecture = "X86_64";
  const std::string platform = service.platform ? service.platform->value : "linux";
  if (platform.starts_with("linux/arm64") || platform == "linux/aarch64") {
    architecture = "ARM64";
  } else if (platform != "linux" && !platform.starts_with("linux/amd64") &&
             platform != "linux/x86_64" && platform != "windows" && platform != "windows/amd64") {
    builder.error("convert.unsupported",
                  service.platform->span,
                  "platform `" + platform + "` is not available on Fargate",
                  "use linux/amd64, linux/arm64 or windows/amd64");
  }
  return Fields()
      .add("CpuArchitecture", architecture)
      .add("OperatingSystemFamily",
           runs_windows(service) ? windows_family(builder, service) : std::string("LINUX"))
      .node();
}

// Fargate's Windows tasks have neither EFS nor our way of writing files.
void check_windows(Builder& builder, const Task& task) {
  if (!runs_windows(task.leader())) {
    return;
  }
  for (const TaskMember& member : task.members) {
    if (has_volumes(builder.project(), *member.service) || !member.files.folders.empty()) {
      builder.error("convert.unsupported",
                    member.service->span,
                    "`" + member.service->name +
                        "` cannot have volumes or files: Fargate's Windows tasks have none",
                    "copy the files into the image; give secrets as variables with `x-aws-env`");
    }
  }
}

void check_image(Builder& builder, const compose::Service& service) {
  if (!service.image && service.build) {
    builder.warning("convert.no-image",
                    service.build->span,
                    "service `" + service.name + "` has no `image`: `" +
                        image_name(builder.project(), service) +
                        "` is used, as `docker compose build` names it",
                    "AWS needs the name of an image in a registry");
  } else if (!service.image) {
    builder.error(
        "convert.no-image", service.span, "service `" + service.name + "` has no `image`");
  }
}

doc::Sequence volumes_of(const Builder& builder, const Task& task) {
  std::set<std::string> seen;
  doc::Sequence out;
  for (const TaskMember& member : task.members) {
    doc::Sequence volumes = task_volumes(builder.project(), *member.service);
    add_file_volumes(volumes, member.files);
    for (doc::Node& volume : volumes.items) {
      if (seen.insert(*volume.as_mapping()->find("Name")->as_string()).second) {
        out.items.push_back(std::move(volume));
      }
    }
  }
  return out;
}

// The services' containers first: tools show the first one.
doc::Node containers_of(Builder& builder, const Task& task) {
  doc::Sequence out;
  for (const TaskMember& member : task.members) {
    out.items.push_back(container_definition(builder, task, member));
  }
  for (const TaskMember& member : task.members) {
    for (doc::Node& container : file_containers(builder, *member.service, member.files)) {
      out.items.push_back(std::move(container));
    }
  }
  if (doc::Node search = search_container(builder, task.leader()); !search.is_null()) {
    out.items.push_back(std::move(search));
  }
  if (task.kind == TaskKind::job) {
    out.items.push_back(done_container(builder, task));
  }
  return doc::Node(std::move(out));
}

}  // namespace

Task plan_task(Builder& builder, const TaskGroup& group) {
  Task out;
  out.kind = group.kind;
  for (const compose::Service* service : group.services) {
    check_image(builder, *service);
    out.members.push_back(
        {service, plan_task_files(builder, *service), secret_variables(builder, *service)});
  }
  return out;
}

void add_task(Builder& builder, const Task& task) {
  const compose::Service& service = task.leader();
  check_windows(builder, task);
  add_execution_role(builder, task);
  const bool has_task_role = add_task_role(builder, task);
  const FargateSize size = task_size(builder, task);
  Fields properties;
  properties.add("Family", builder.project().name + "-" + ecs_name(service.name))
      .add("RequiresCompatibilities", items("FARGATE"))
      .add("NetworkMode", "awsvpc")
      .add("Cpu", std::to_string(size.cpu_units))
      .add("Memory", std::to_string(size.memory_mib))
      .add("RuntimePlatform", runtime_platform(builder, service))
      .add("ExecutionRoleArn",
           cloudformation::get_att(logical_id(service.name, "TaskExecutionRole").str(), "Arn"));
  if (has_task_role) {
    properties.add("TaskRoleArn",
                   cloudformation::get_att(logical_id(service.name, "TaskRole").str(), "Arn"));
  }
  if (doc::Node storage = ephemeral_storage(builder, task); !storage.is_null()) {
    properties.add("EphemeralStorage", std::move(storage));
  }
  if (doc::Sequence volumes = volumes_of(builder, task); !volumes.items.empty()) {
    properties.add("Volumes", doc::Node(std::move(volumes)));
  }
  properties.add("ContainerDefinitions", containers_of(builder, task))
      .add("Tags", builder.tags("service", service.name));
  builder.add(resource(logical_id(service.name, "TaskDefinition"),
                       "AWS::ECS::TaskDefinition",
                       std::move(properties),
                       service.span));
}

}  // namespace convert
