#include "cli/commands/local.hpp"
#include "cli/local_engine.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"

namespace cli {
namespace {

ExitCode start_engine(Session& session, const Options& /*options*/) {
  const auto target = session.resolve_target();
  if (!target) {
    return session.fail(target.error());
  }
  if (!target->is_local()) {
    return session.fail(
        "the context " + target->context + " is an AWS account, not a Docker Engine",
        "docker --context default ecs local start");
  }
  const auto started = ensure_engine(session, std::get<LocalTarget>(target->endpoint));
  if (!started) {
    return session.fail(started.error());
  }
  session.say(started->was_running ? "The local engine is running already."
                                   : "The local engine is running.");
  session.print(started->info.endpoint() + "\n");
  return ExitCode::ok;
}

}  // namespace

Command local_start_command() {
  return {
      .name = "start",
      .tier = Tier::daemon,
      .summary = "Start the local engine and print its endpoint",
      .examples =
          "docker ecs local start\n"
          "DOCKER_ECS_PORT=4567 docker ecs local start",
      .run = start_engine,
  };
}

}  // namespace cli
