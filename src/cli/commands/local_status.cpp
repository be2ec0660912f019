#include <array>
#include <cstdio>

#include <dirent.h>

#include "awsapi/cloudformation.hpp"
#include "awsapi/ecs.hpp"
#include "cli/commands/local.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "doc/json_writer.hpp"
#include "local/daemon/launch.hpp"

namespace cli {
namespace {

namespace cfn = awsapi::cloudformation;
namespace ecs = awsapi::ecs;

struct Counts {
  std::int64_t stacks = 0;
  std::int64_t tasks = 0;
};

// Nothing when the engine does not answer.
std::optional<Counts> count_things(AwsService& service) {
  Counts counts;
  const auto stacks = service.send_all(cfn::DescribeStacksRequest{}, [&](const auto& page) {
    counts.stacks += static_cast<std::int64_t>(page.stacks.size());
  });
  std::vector<std::string> clusters;
  const auto listed = service.send_all(ecs::ListClustersRequest{}, [&](const auto& page) {
    clusters.insert(clusters.end(), page.cluster_arns.begin(), page.cluster_arns.end());
  });
  if (!stacks || !listed) {
    return std::nullopt;
  }
  for (const std::string& cluster : clusters) {
    ecs::ListTasksRequest request;
    request.cluster = cluster;
    const auto tasks = service.send_all(request, [&](const auto& page) {
      counts.tasks += static_cast<std::int64_t>(page.task_arns.size());
    });
    if (!tasks) {
      return std::nullopt;
    }
  }
  return counts;
}

// Databases that were damaged and set aside.
std::vector<std::string> set_aside_files(const std::string& directory) {
  std::vector<std::string> names;
  DIR* entries = ::opendir(directory.c_str());
  if (entries == nullptr) {
    return names;
  }
  for (const dirent* entry = ::readdir(entries); entry != nullptr; entry = ::readdir(entries)) {
    const std::string name = entry->d_name;
    if (name.find(".db.corrupt-") != std::string::npos && !name.ends_with("-wal")) {
      names.push_back(directory + "/" + name);
    }
  }
  ::closedir(entries);
  return names;
}

std::string duration_text(std::int64_t seconds) {
  if (seconds < 120) {
    return std::to_string(seconds) + " seconds";
  }
  if (seconds < 2 * 3600) {
    return std::to_string(seconds / 60) + " minutes";
  }
  return seconds < 48 * 3600 ? std::to_string(seconds / 3600) + " hours"
                             : std::to_string(seconds / 86'400) + " days";
}

std::string mebibytes(std::int64_t kib) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f MiB", static_cast<double>(kib) / 1024.0);
  return text.data();
}

doc::Node status_record(const Session& session, const EngineState& state) {
  doc::Mapping record;
  record.set("running", doc::Node(state.running.has_value()));
  if (state.running) {
    const local::daemon::EngineInfo& info = *state.running;
    record.set("endpoint", doc::Node(info.endpoint()));
    record.set("pid", doc::Node(info.pid));
    record.set("version", doc::Node(info.version));
    record.set("engine_id", doc::Node(info.engine_id));
    record.set("region", doc::Node(info.region));
    record.set("docker_host", doc::Node(info.docker_host));
    const std::int64_t now = session.clock().now().time_since_epoch().count();
    record.set("uptime_seconds", doc::Node((now - info.started_ms) / 1000));
    record.set("memory_kib", doc::Node(local::daemon::resident_kib(info.pid)));
    const auto service = session.open_service({"", LocalTarget{info.docker_host}});
    const auto counts = service ? count_things(**service) : std::nullopt;
    record.set("stacks", counts ? doc::Node(counts->stacks) : doc::Node());
    record.set("tasks", counts ? doc::Node(counts->tasks) : doc::Node());
  }
  record.set("state_directory", doc::Node(state.options.paths.directory));
  std::vector<doc::Node> damaged;
  for (const std::string& name : set_aside_files(state.options.paths.directory)) {
    damaged.emplace_back(name);
  }
  record.set("damaged_databases", doc::list(std::move(damaged)));
  return doc::Node(std::move(record));
}

std::string count_text(const doc::Node* count) {
  return count != nullptr && count->as_int() != nullptr ? std::to_string(*count->as_int())
                                                        : "unknown (it does not answer)";
}

std::string status_text(const EngineState& state, const doc::Node& record) {
  std::string text;
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += std::string(name) + std::string(10 - name.size(), ' ') + value + "\n";
  };
  if (state.running) {
    const local::daemon::EngineInfo& info = *state.running;
    line("Engine",
         "running (version " + info.version + ", process " + std::to_string(info.pid) + ")");
    line("Endpoint", info.endpoint());
    line("Region", info.region);
    line("Docker", info.docker_host);
    line("Uptime", duration_text(*record.find("uptime_seconds")->as_int()));
    line("Memory", mebibytes(*record.find("memory_kib")->as_int()));
    line("Stacks", count_text(record.find("stacks")));
    line("Tasks", count_text(record.find("tasks")));
  } else {
    line("Engine", "not running");
  }
  line("State", state.options.paths.directory);
  for (const doc::Node& name : record.find("damaged_databases")->as_sequence()->items) {
    line("Damaged", *name.as_string() + " (set aside; the engine began with an empty database)");
  }
  return text;
}

ExitCode show_status(Session& session, const Options& options) {
  const auto state = engine_state(session);
  if (!state) {
    return session.fail(state.error());
  }
  const doc::Node record = status_record(session, *state);
  session.print(options.text("format") == "json" ? doc::to_json(record, doc::JsonStyle::pretty)
                                                 : status_text(*state, record));
  return ExitCode::ok;
}

}  // namespace

Command local_status_command() {
  return {
      .name = "status",
      .tier = Tier::daemon,
      .summary = "Show whether the local engine runs, where, and what it holds",
      .examples =
          "docker ecs local status\n"
          "docker ecs local status --format json",
      .flags = {{.name = "format",
                 .kind = FlagKind::text,
                 .help = "Format the output",
                 .default_value = "text",
                 .choices = {"text", "json"}}},
      .run = show_status,
  };
}

}  // namespace cli
