#include <algorithm>
#include <array>
#include <map>

#include "awsapi/time_text.hpp"
#include "cli/commands/compose.hpp"
#include "cli/commands/compose_endpoint.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/commands/compose_time.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "convert/naming.hpp"
#include "deploy/log_reader.hpp"
#include "deploy/services.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

// Prints lines as `docker compose logs` does: "web  | text", names padded to the longest, a colour
// a service.
class LogPrinter {
 public:
  LogPrinter(const Session& session, const Options& options)
      : session_(session),
        prefix_(!options.is_set("no-log-prefix")),
        timestamps_(options.is_set("timestamps")),
        screen_(session.out().screen()) {
    screen_.colour = screen_.colour && !options.is_set("no-color");
  }

  void print(const std::vector<deploy::LogLine>& lines) {
    for (const deploy::LogLine& line : lines) {
      widest_ = std::max(widest_, line.container.size());
    }
    std::string out;
    for (const deploy::LogLine& line : lines) {
      for (const std::string& text : util::split(line.text, '\n')) {
        out += prefix(line) + text + '\n';
      }
    }
    session_.print(out);
  }

 private:
  std::string prefix(const deploy::LogLine& line) {
    std::string out;
    if (prefix_) {
      std::string name = line.container;
      name.append(widest_ - name.size() + 1, ' ');
      out = styled(name + " | ", style_of(line.container), screen_);
    }
    return timestamps_ ? out + awsapi::to_iso8601(line.at_millis) + ' ' : out;
  }

  Style style_of(const std::string& container) {
    constexpr std::array<Style, 5> kStyles = {
        Style::cyan, Style::yellow, Style::green, Style::magenta, Style::blue};
    const auto [at, is_new] = styles_.emplace(container, kStyles[styles_.size() % kStyles.size()]);
    return at->second;
  }

  const Session& session_;
  bool prefix_;
  bool timestamps_;
  Screen screen_;
  std::size_t widest_ = 0;
  std::map<std::string, Style> styles_;
};

struct Moments {
  std::optional<std::int64_t> since;
  std::optional<std::int64_t> until;
};

util::Result<Moments, std::string> parse_moments(const Session& session, const Options& options) {
  const std::int64_t now = session.clock().now().time_since_epoch().count();
  Moments out;
  for (const auto& [flag, moment] :
       {std::pair("since", &out.since), std::pair("until", &out.until)}) {
    if (const auto text = options.value(flag)) {
      *moment = parse_moment(*text, now);
      if (!*moment) {
        return util::unexpected("invalid value \"" + *text + "\" for --" + flag);
      }
    }
  }
  return out;
}

// --tail: nothing for "all".
util::Result<std::optional<std::size_t>, std::string> parse_tail(const Options& options) {
  const std::string text = options.text("tail");
  if (text == "all") {
    return std::optional<std::size_t>();
  }
  const auto count = util::parse_int(text);
  if (!count || *count < 0) {
    return util::unexpected("invalid value \"" + text + "\" for --tail: a number or \"all\"");
  }
  return std::optional(static_cast<std::size_t>(*count));
}

bool has_no_group(const deploy::ApiError& error) {
  return error.kind == deploy::ApiError::Kind::answered &&
         error.code == "ResourceNotFoundException";
}

ExitCode follow_logs(const Session& session, deploy::LogReader& reader, LogPrinter& printer) {
  const auto interval = std::chrono::milliseconds(session.target().is_local() ? 200 : 1000);
  while (pause(session, interval)) {
    const auto lines = reader.next();
    if (lines) {
      printer.print(*lines);
    } else if (!has_no_group(lines.error())) {
      return session.stop().stop_requested() ? ExitCode::interrupted
                                             : session.fail(describe(lines.error()));
    }
  }
  return ExitCode::interrupted;
}

// Why these names have no logs: they are none of the stack's services. Nothing when that cannot be
// told, as after a rollback, which removes the services and keeps their logs.
std::optional<Failure> unknown_service(DeployApi& api,
                                       const std::string& project,
                                       const std::vector<std::string>& names,
                                       const std::vector<deploy::LogLine>& lines) {
  if (names.empty()) {
    return std::nullopt;
  }
  const auto stack = deploy::read_stack(api, convert::stack_name(project));
  if (!stack || !*stack) {
    return std::nullopt;
  }
  const auto services = deploy::read_services(api, **stack);
  if (!services || services->empty()) {
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const deploy::ServiceStatus& service : *services) {
    known.push_back(service.name);
  }
  for (const std::string& name : names) {
    const bool wrote = std::ranges::any_of(lines, [&](const deploy::LogLine& line) {
      return line.container == convert::ecs_name(name);
    });
    if (!wrote && std::ranges::find(known, name) == known.end()) {
      return no_such_service(name, known);
    }
  }
  return std::nullopt;
}

ExitCode show_logs(const Session& session,
                   const Options& options,
                   DeployApi& api,
                   deploy::LogReader& reader,
                   std::optional<std::size_t> count,
                   const std::string& project) {
  LogPrinter printer(session, options);
  auto lines = reader.next();
  if (!lines && !has_no_group(lines.error())) {
    return session.fail(describe(lines.error()));
  }
  if (!lines) {
    session.say(project + " has no logs here");
  } else if (const auto unknown = unknown_service(api, project, options.arguments(), *lines)) {
    return session.fail(*unknown);
  } else {
    printer.print(count ? deploy::tail(std::move(*lines), *count) : *lines);
  }
  return options.is_set("follow") ? follow_logs(session, reader, printer) : ExitCode::ok;
}

ExitCode logs_command(Session& session, const Options& options) {
  const auto moments = parse_moments(session, options);
  if (!moments) {
    return session.fail(
        moments.error(),
        "give a duration (42m), a time (2026-01-02T13:23:37Z) or seconds since 1970",
        ExitCode::usage);
  }
  const auto count = parse_tail(options);
  if (!count) {
    return session.fail(count.error(), {}, ExitCode::usage);
  }
  const auto project = project_name(session, options);
  if (!project) {
    return project.error();
  }
  const auto api = open_endpoint(session);
  if (!api) {
    return session.fail(api.error());
  }
  deploy::LogQuery query{
      "/docker-compose/" + *project, *project + "/", {}, moments->since, moments->until};
  for (const std::string& service : options.arguments()) {
    query.containers.insert(convert::ecs_name(service));
  }
  deploy::LogReader reader(**api, std::move(query));
  return show_logs(session, options, **api, reader, *count, *project);
}

}  // namespace

Command compose_logs_command() {
  return {
      .name = "logs",
      .tier = Tier::cloud,
      .arguments = "[SERVICE...]",
      .summary = "Show what the application's containers wrote",
      .details =
          "Ends when everything was shown, as docker compose does; --follow goes on. With --project-name no Compose file "
          "is needed.",
      .examples = "docker ecs compose logs --follow --tail 10 frontend",
      .flags = {{.name = "follow", .shorthands = "f", .help = "Follow log output"},
                {.name = "tail",
                 .shorthands = "n",
                 .kind = FlagKind::text,
                 .help = "Number of lines to show from the end of the logs for each container",
                 .default_value = "all"},
                {.name = "since",
                 .kind = FlagKind::text,
                 .help = "Show logs since a time (2026-01-02T13:23:37Z) or a duration (42m)"},
                {.name = "until",
                 .kind = FlagKind::text,
                 .help = "Show logs before a time (2026-01-02T13:23:37Z) or a duration (42m)"},
                {.name = "timestamps", .shorthands = "t", .help = "Show timestamps"},
                {.name = "no-color", .help = "Produce monochrome output"},
                {.name = "no-log-prefix", .help = "Don't print prefix in logs"}},
      .positionals = {.at_least = 0, .at_most = kAnyNumber, .completion = Completion::services},
      .run = logs_command,
  };
}

}  // namespace cli
