#include "cli/commands/local.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"

namespace cli {
namespace {

ExitCode stop_engine(Session& session, const Options& options) {
  const auto state = engine_state(session);
  if (!state) {
    return session.fail(state.error());
  }
  if (!end_engine(session, *state)) {
    return ExitCode::failure;
  }
  session.say(state->running ? "The local engine has ended." : "The local engine was not running.");
  if (options.is_set("keep")) {
    return ExitCode::ok;
  }
  const auto cleanup = take_away(*state, Take::containers);
  if (!cleanup) {
    return session.fail(cleanup.error());
  }
  for (const std::string& problem : cleanup->problems) {
    session.fail(problem);
  }
  if (cleanup->containers > 0) {
    session.say("Removed " + std::to_string(cleanup->containers) +
                (cleanup->containers == 1 ? " container" : " containers") +
                "; the next start of the engine runs the services again.");
  }
  return cleanup->problems.empty() ? ExitCode::ok : ExitCode::failure;
}

}  // namespace

Command local_stop_command() {
  return {
      .name = "stop",
      .tier = Tier::daemon,
      .summary = "End the local engine and its tasks' containers",
      .details = "Stacks, secrets and logs are kept: the next start takes everything up again.",
      .examples =
          "docker ecs local stop\n"
          "docker ecs local stop --keep",
      .flags = {{.name = "keep",
                 .help = "Let the containers run on; the next engine takes them over"}},
      .run = stop_engine,
  };
}

}  // namespace cli
