#include "deploy/evidence.hpp"

#include <algorithm>
#include <optional>

#include "awsapi/ecs.hpp"
#include "awsapi/logs.hpp"
#include "util/strings.hpp"

namespace deploy {
namespace {

namespace ecs = awsapi::ecs;

constexpr std::int64_t kLogLines = 10;
constexpr std::size_t kMostTasks = 100;  // DescribeTasks

std::string last_part(std::string_view text, char separator) {
  return std::string(text.substr(text.rfind(separator) + 1));
}

struct ServiceName {
  std::string cluster;
  std::string service;
};

// arn:aws:ecs:eu-west-1:123456789012:service/<cluster>/<service>
std::optional<ServiceName> parse_service_arn(const std::string& arn) {
  const std::vector<std::string> parts = util::split(arn, '/');
  if (parts.size() != 3) {
    return std::nullopt;
  }
  return ServiceName{parts[1], parts[2]};
}

// Tasks that a deployment ends because others took their place say nothing about a failure.
bool stopped_of_itself(const ecs::Task& task, std::int64_t since_millis) {
  const bool in_time = !task.stopped_at || task.stopped_at->millis >= since_millis;
  return in_time && !task.stopped_reason.value_or("").starts_with("Scaling activity initiated");
}

std::optional<ecs::Task> last_stopped_task(Api& api,
                                           const ServiceName& name,
                                           std::int64_t since_millis) {
  ecs::ListTasksRequest list;
  list.cluster = name.cluster;
  list.service_name = name.service;
  list.desired_status = "STOPPED";
  const auto listed = api.send(list);
  if (!listed || listed->task_arns.empty()) {
    return std::nullopt;
  }
  ecs::DescribeTasksRequest describe;
  describe.cluster = name.cluster;
  describe.tasks = listed->task_arns;
  describe.tasks.resize(std::min(describe.tasks.size(), kMostTasks));
  const auto described = api.send(describe);
  if (!described) {
    return std::nullopt;
  }
  std::optional<ecs::Task> last;
  const auto stopped_at = [](const ecs::Task& task) {
    return task.stopped_at ? task.stopped_at->millis : 0;
  };
  for (const ecs::Task& task : described->tasks) {
    if (stopped_of_itself(task, since_millis) && (!last || stopped_at(task) >= stopped_at(*last))) {
      last = task;
    }
  }
  return last;
}

struct LogPlace {
  std::string container;
  std::string group;
  std::string stream;
};

std::vector<LogPlace> log_places(Api& api, const ecs::Task& task) {
  ecs::DescribeTaskDefinitionRequest request;
  request.task_definition = task.task_definition_arn.value_or("");
  const auto answer = api.send(request);
  std::vector<LogPlace> out;
  if (!answer || !answer->task_definition) {
    return out;
  }
  for (const auto& container : answer->task_definition->container_definitions) {
    if (!container.log_configuration || container.log_configuration->log_driver != "awslogs") {
      continue;
    }
    const auto& options = container.log_configuration->options;
    const auto group = options.find("awslogs-group");
    const auto prefix = options.find("awslogs-stream-prefix");
    if (group != options.end() && prefix != options.end()) {
      const std::string name = container.name.value_or("");
      out.push_back(
          {name,
           group->second,
           prefix->second + "/" + name + "/" + last_part(task.task_arn.value_or(""), '/')});
    }
  }
  return out;
}

void add_log_lines(Api& api, const LogPlace& place, TaskEvidence& out) {
  awsapi::logs::GetLogEventsRequest request;
  request.log_group_name = place.group;
  request.log_stream_name = place.stream;
  request.limit = kLogLines;
  request.start_from_head = false;
  const auto answer = api.send(request);
  if (!answer) {
    return;
  }
  for (const auto& event : answer->events) {
    for (const std::string& line : util::split(util::trim(event.message.value_or("")), '\n')) {
      out.log_lines.push_back(place.container + " | " + line);
    }
  }
}

std::string container_line(const ecs::Container& container) {
  std::string line = container.name.value_or("");
  if (container.exit_code) {
    line += ": exit code " + std::to_string(*container.exit_code);
  }
  if (container.reason && !container.reason->empty()) {
    line += ": " + *container.reason;
  }
  return line;
}

}  // namespace

TaskEvidence gather_evidence(Api& api, const std::string& service_arn, std::int64_t since_millis) {
  TaskEvidence out;
  const auto name = parse_service_arn(service_arn);
  const auto task = name ? last_stopped_task(api, *name, since_millis) : std::nullopt;
  if (!task) {
    return out;
  }
  out.task = last_part(task->task_arn.value_or(""), '/');
  out.stopped_reason = task->stopped_reason.value_or("");
  for (const ecs::Container& container : task->containers) {
    const bool says_more = container.reason && *container.reason != out.stopped_reason;
    if (container.exit_code || says_more) {
      out.containers.push_back(container_line(container));
    }
  }
  for (const LogPlace& place : log_places(api, *task)) {
    add_log_lines(api, place, out);
  }
  return out;
}

std::string last_stopped_task_id(Api& api,
                                 const std::string& service_arn,
                                 std::int64_t since_millis) {
  const auto name = parse_service_arn(service_arn);
  const auto task = name ? last_stopped_task(api, *name, since_millis) : std::nullopt;
  return task ? last_part(task->task_arn.value_or(""), '/') : std::string();
}

std::string summary(const TaskEvidence& evidence) {
  if (evidence.task.empty()) {
    return {};
  }
  return "task " + evidence.task + " stopped: " + evidence.stopped_reason +
         (evidence.containers.empty() ? "" : " (" + util::join(evidence.containers, ", ") + ")");
}

std::vector<std::string> describe(const TaskEvidence& evidence) {
  std::vector<std::string> lines;
  if (evidence.task.empty()) {
    return lines;
  }
  lines.push_back("task " + evidence.task + " stopped: " + evidence.stopped_reason);
  for (const std::string& container : evidence.containers) {
    lines.push_back("  " + container);
  }
  if (!evidence.log_lines.empty()) {
    lines.emplace_back("last log lines:");
    for (const std::string& line : evidence.log_lines) {
      lines.push_back("  " + line);
    }
  }
  return lines;
}

}  // namespace deploy
