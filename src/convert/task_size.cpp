#include "convert/task_size.hpp"

#include <algorithm>
#include <string>

#include "convert/extensions.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::int64_t kMib = std::int64_t{1024} * 1024;

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

// All containers together; the place is the first one's that asks.
SizeRequest sum_of(const Task& task) {
  SizeRequest out;
  for (const TaskMember& member : task.members) {
    const SizeRequest request = requested_size(*member.service);
    if (request.cpus) {
      out.cpus = out.cpus ? compose::Cpus{out.cpus->value + request.cpus->value, out.cpus->span}
                          : request.cpus;
    }
    if (request.memory) {
      out.memory = out.memory
                       ? compose::Bytes{out.memory->value + request.memory->value, out.memory->span}
                       : request.memory;
    }
  }
  return out;
}

void say_rounding(Builder& builder,
                  const compose::Service& service,
                  const SizeRequest& request,
                  const FargateSize& size) {
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

std::optional<std::int64_t> wanted_gib(Builder& builder, const compose::Service& service) {
  constexpr std::string_view kKey = "x-aws-ephemeral_storage";
  if (const auto gib = number_extension(builder, service.extensions, kKey)) {
    return gib;
  }
  const std::string* label =
      service.deploy ? compose::find(service.deploy->labels, "ecs.ephemeral.storage") : nullptr;
  return label == nullptr ? std::nullopt : util::parse_int(*label);
}

}  // namespace

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

FargateSize task_size(Builder& builder, const Task& task) {
  SizeRequest request = sum_of(task);
  const bool windows =
      task.leader().platform && task.leader().platform->value.starts_with("windows");
  if (windows && (!request.cpus || request.cpus->value < 1.0)) {
    request.cpus = compose::Cpus{1.0, task.leader().platform->span};  // Fargate's least for Windows
  }
  const auto size = fargate_size(request.cpus ? request.cpus->value : 0.0,
                                 request.memory ? request.memory->value : 0);
  if (!size) {
    builder.error("convert.too-large",
                  request.cpus ? request.cpus->span : request.memory->span,
                  "no Fargate size is large enough for `" + task.leader().name + "`",
                  "the largest is 16 vCPU with 122880 MiB");
    return {};
  }
  say_rounding(builder, task.leader(), request, *size);
  return *size;
}

doc::Node ephemeral_storage(Builder& builder, const Task& task) {
  constexpr std::int64_t kOfEveryTask = 20;
  constexpr std::int64_t kMost = 200;
  std::optional<std::int64_t> wanted;
  const compose::Service* by = nullptr;
  for (const TaskMember& member : task.members) {
    if (const auto gib = wanted_gib(builder, *member.service); gib && (!wanted || *gib > *wanted)) {
      wanted = gib;
      by = member.service;
    }
  }
  if (!wanted || *wanted <= kOfEveryTask) {
    return {};
  }
  if (*wanted > kMost) {
    builder.error("convert.too-large",
                  by->span,
                  "`" + by->name + "` asks for " + std::to_string(*wanted) +
                      " GiB of ephemeral storage: Fargate has at most 200",
                  "use a named volume");
  }
  return Fields().add("SizeInGiB", std::min(*wanted, kMost)).node();
}

}  // namespace convert
