#include "convert/task_definition.hpp"

#include <set>
#include <string>

#include "convert/container.hpp"
#include "convert/fargate_size.hpp"
#include "convert/naming.hpp"
#include "convert/roles.hpp"
#include "convert/volumes.hpp"

namespace convert {
namespace {

struct SizeRequest {
  std::optional<compose::Cpus> cpus;
  std::optional<compose::Bytes> memory;
};

// Limits decide; where one of them is not given, the reservation of the same resource does.
SizeRequest requested_size(const compose::Service& service) {
  SizeRequest out{service.cpus, service.mem_limit};
  const auto fill = [&out](const std::optional<compose::ResourceSet>& set) {
    if (set) {
      out.cpus = out.cpus ? out.cpus : set->cpus;
      out.memory = out.memory ? out.memory : set->memory;
    }
  };
  if (service.deploy) {
    fill(service.deploy->limits);
    fill(service.deploy->reservations);
  }
  out.memory = out.memory ? out.memory : service.mem_reservation;
  return out;
}

std::string vcpu_text(std::int64_t cpu_units) {
  constexpr std::int64_t kUnitsPerCpu = 1024;
  if (cpu_units >= kUnitsPerCpu) {
    return std::to_string(cpu_units / kUnitsPerCpu);
  }
  return cpu_units == 256 ? "0.25" : "0.5";
}

std::string size_text(const FargateSize& size) {
  return vcpu_text(size.cpu_units) + " vCPU, " + std::to_string(size.memory_mib) + " MiB";
}

void say_rounding(Builder& builder,
                  const compose::Service& service,
                  const SizeRequest& request,
                  const FargateSize& size) {
  constexpr std::int64_t kMib = 1024 * 1024;
  const bool more_cpu = request.cpus && request.cpus->value > 0 &&
                        static_cast<double>(size.cpu_units) > request.cpus->value * 1024.0 + 1e-6;
  const bool more_memory =
      request.memory && request.memory->value > 0 && size.memory_mib * kMib > request.memory->value;
  if (more_cpu || more_memory) {
    builder.note("convert.size-rounded",
                 request.cpus ? request.cpus->span : request.memory->span,
                 "a task of `" + service.name + "` gets " + size_text(size) +
                     ": the smallest Fargate size with what is asked for");
  }
}

FargateSize task_size(Builder& builder, const compose::Service& service) {
  const SizeRequest request = requested_size(service);
  const auto size = fargate_size(request.cpus ? request.cpus->value : 0.0,
                                 request.memory ? request.memory->value : 0);
  if (!size) {
    builder.error("convert.too-large",
                  request.cpus ? request.cpus->span : request.memory->span,
                  "no Fargate size is large enough for `" + service.name + "`",
                  "the largest is 16 vCPU with 122880 MiB");
    return {};
  }
  say_rounding(builder, service, request, *size);
  return *size;
}

doc::Node runtime_platform(Builder& builder, const compose::Service& service) {
  std::string_view architecture = "X86_64";
  if (service.platform) {
    const std::string& platform = service.platform->value;
    if (platform.starts_with("linux/arm64") || platform == "linux/aarch64") {
      architecture = "ARM64";
    } else if (platform != "linux" && !platform.starts_with("linux/amd64") &&
               platform != "linux/x86_64") {
      builder.error("convert.unsupported",
                    service.platform->span,
                    "platform `" + platform + "` is not available on Fargate",
                    "use linux/amd64 or linux/arm64");
    }
  }
  return Fields().add("CpuArchitecture", architecture).add("OperatingSystemFamily", "LINUX").node();
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
    out.items.push_back(container_definition(builder, member));
  }
  for (const TaskMember& member : task.members) {
    for (doc::Node& container : file_containers(builder, *member.service, member.files)) {
      out.items.push_back(std::move(container));
    }
  }
  return doc::Node(std::move(out));
}

}  // namespace

Task plan_task(Builder& builder, const std::vector<const compose::Service*>& services) {
  Task out;
  for (const compose::Service* service : services) {
    check_image(builder, *service);
    out.members.push_back(
        {service, plan_task_files(builder, *service), secret_variables(builder, *service)});
  }
  return out;
}

void add_task(Builder& builder, const Task& task) {
  const compose::Service& service = task.leader();
  add_execution_role(builder, task);
  const bool has_task_role = add_task_role(builder, task);
  const FargateSize size = task_size(builder, service);
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
