#include <algorithm>

#include "cli/commands/compose.hpp"
#include "cli/commands/compose_endpoint.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "convert/naming.hpp"
#include "deploy/log_reader.hpp"
#include "deploy/one_off.hpp"

namespace cli {
namespace {

constexpr std::string_view kStopped = "STOPPED";
// CloudWatch shows lines a little after they were written.
constexpr int kLastReadings = 5;

// The service with the profiles that it asks for, and nothing that does not concern it.
util::Result<compose::Project, ExitCode> load_service(const Session& session,
                                                      const Options& options) {
  Loading loading;
  compose::LoadRequest request = load_request(session, options);
  request.services = {options.arguments().front()};
  auto project = compose::load(request, session.files(), loading.sources, loading.bag);
  show_diagnostics(session, loading);
  if (!project) {
    return util::unexpected(exit_code_of(loading.bag));
  }
  return std::move(*project);
}

deploy::OneOff one_off_of(const Session& session,
                          const Options& options,
                          const compose::Service& service) {
  deploy::OneOff out;
  out.service = service.name;
  out.task_definition_id = convert::logical_id(service.name, "TaskDefinition").str();
  out.container = convert::ecs_name(service.name);
  out.command.assign(options.arguments().begin() + 1, options.arguments().end());
  for (const compose::Attachment& network : service.networks) {
    out.security_group_ids.push_back(convert::logical_id(network.network, "Network").str());
  }
  for (const std::string& assignment : options.list("env")) {
    const std::size_t equals = assignment.find('=');
    const std::string name = assignment.substr(0, equals);
    if (equals != std::string::npos) {
      out.environment.emplace_back(name, assignment.substr(equals + 1));
    } else if (const auto value = session.environment().find(name)) {
      out.environment.emplace_back(name, *value);
    }
  }
  return out;
}

// The task's output on stdout as it comes.
class TaskOutput {
 public:
  TaskOutput(const Session& session,
             deploy::Api& api,
             const std::string& project,
             const deploy::RunningTask& task,
             const std::string& container)
      : session_(session),
        reader_(api, {"/docker-compose/" + project, project + "/", {container}, std::nullopt, {}}),
        task_(task.id()) {}

  // Whether there was anything new. A group or stream that is not there yet is no failure.
  bool print_new() {
    const auto lines = reader_.next();
    bool any = false;
    for (std::size_t i = 0; lines && i < lines->size(); ++i) {
      if ((*lines)[i].task == task_) {
        session_.print((*lines)[i].text + "\n");
        any = true;
      }
    }
    return any;
  }

 private:
  const Session& session_;
  deploy::LogReader reader_;
  std::string task_;
};

void print_rest(const Session& session, TaskOutput& output, std::chrono::milliseconds interval) {
  for (int quiet = 0; quiet < kLastReadings && pause(session, interval); ++quiet) {
    if (output.print_new()) {
      quiet = 0;
    }
  }
}

ExitCode end_of(const Session& session, const deploy::TaskState& state) {
  if (!state.exit_code) {
    return session.fail("the task did not run: " + state.reason);
  }
  return static_cast<ExitCode>(static_cast<std::uint8_t>(*state.exit_code));
}

ExitCode attend(const Session& session,
                DeployApi& api,
                const deploy::RunningTask& task,
                const std::string& container,
                const std::string& project) {
  const auto interval = std::chrono::milliseconds(session.target().is_local() ? 100 : 1000);
  TaskOutput output(session, api, project, task, container);
  while (pause(session, interval)) {
    const auto state = deploy::read_task(api, task, container);
    if (!state && !session.stop().stop_requested()) {
      return session.fail(describe(state.error()));
    }
    output.print_new();
    if (state && state->status == kStopped) {
      print_rest(session, output, interval);
      return end_of(session, *state);
    }
  }
  if (const auto stopped = deploy::stop_task(api, task); !stopped) {
    session.fail(
        describe(stopped.error()).message,
        "the task runs on: aws ecs stop-task --cluster " + task.cluster + " --task " + task.id());
  }
  return ExitCode::interrupted;
}

ExitCode run_command(Session& session, const Options& options) {
  if (options.given("entrypoint")) {
    return session.fail(
        "--entrypoint is not supported: ECS runs a task with the entry point of its "
        "task definition",
        "set `entrypoint` of the service, or give the whole command");
  }
  const auto project = load_service(session, options);
  if (!project) {
    return project.error();
  }
  const compose::Service& service = project->services.at(options.arguments().front());
  const auto api = open_endpoint(session);
  if (!api) {
    return session.fail(api.error());
  }
  const auto stack = deploy::read_stack(**api, convert::stack_name(project->name));
  if (!stack) {
    return session.fail(describe(stack.error()));
  }
  if (!*stack) {
    return session.fail("project " + project->name + " is not deployed",
                        "\"docker ecs compose up\" deploys it");
  }
  const deploy::OneOff one_off = one_off_of(session, options, service);
  const auto task = deploy::start_one_off(**api, **stack, one_off);
  if (!task) {
    return task.error().code.empty() && task.error().kind == deploy::ApiError::Kind::answered
               ? session.fail(task.error().message,
                              "\"docker ecs compose up\" brings the stack up to date")
               : session.fail(describe(task.error()));
  }
  if (options.is_set("detach")) {
    session.print(task->id() + "\n");
    return ExitCode::ok;
  }
  return attend(session, **api, *task, one_off.container, project->name);
}

}  // namespace

Command compose_run_command() {
  using enum FlagKind;
  return {
      .name = "run",
      .tier = Tier::cloud,
      .arguments = "SERVICE [COMMAND...]",
      .summary = "Run a command once, in a task like a service's",
      .details =
          "The task runs beside those of the service: in its networks, with its variables, secrets and volumes. Services "
          "that only a profile switches on can be run too. What the container writes is shown; its exit code becomes "
          "that of this command. Ctrl-C stops the task. The project must be deployed.",
      .examples =
          "docker ecs compose run backend python manage.py migrate\n"
          "docker ecs compose run --env LEVEL=debug --detach worker",
      .flags = {{.name = "detach",
                 .shorthands = "d",
                 .help = "Show the task's ID and do not wait for its end"},
                {.name = "entrypoint",
                 .kind = text,
                 .help = "Not supported",
                 .visibility = Visibility::hidden},
                {.name = "env",
                 .shorthands = "e",
                 .kind = list,
                 .help = "Set a variable in the container (NAME=value, or NAME from here)"},
                {.name = "no-deps",
                 .help = "Accepted: nothing else is ever started",
                 .visibility = Visibility::hidden},
                {.name = "no-TTY",
                 .shorthands = "T",
                 .help = "Accepted: there is never a terminal",
                 .visibility = Visibility::hidden},
                {.name = "rm",
                 .help = "Accepted: a task leaves nothing",
                 .default_value = "true",
                 .visibility = Visibility::hidden}},
      .positionals = {.at_least = 1,
                      .at_most = kAnyNumber,
                      .completion = Completion::services,
                      .flags_end = true},
      .run = run_command,
  };
}

}  // namespace cli
