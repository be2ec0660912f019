#include "cli/commands/compose.hpp"
#include "cli/commands/compose_endpoint.hpp"
#include "cli/commands/compose_progress.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "convert/naming.hpp"
#include "deploy/secrets.hpp"

namespace cli {
namespace {

ExitCode down_command(Session& session, const Options& options) {
  const auto project = project_name(session, options);
  if (!project) {
    return project.error();
  }
  const auto api = open_endpoint(session);
  if (!api) {
    return session.fail(api.error());
  }
  if (const auto announced = announce(session, **api, *project); !announced) {
    return session.fail(announced.error());
  }
  DeployProgress progress(session, options.text("progress"), "Removing " + *project);
  deploy::World world = deploy_world(session, **api, progress);
  const auto outcome = deploy::down(world, *project, convert::stack_name(*project));
  progress.finish();
  if (!outcome) {
    return report_problem(session, outcome.error(), "down");
  }
  if (const auto deleted = deploy::delete_secrets(**api, *project); !deleted) {
    const Failure failure = describe(deleted.error());
    session.say("the project's secrets are left in Secrets Manager: " + failure.message);
  }
  if (!outcome->was_there) {
    session.say(*project + " is not deployed here: nothing to remove");
    return ExitCode::ok;
  }
  session.say(*project + " is removed");
  for (const std::string& kept : outcome->kept) {
    session.say("kept: " + kept);
  }
  return ExitCode::ok;
}

}  // namespace

Command compose_down_command() {
  return {
      .name = "down",
      .tier = Tier::cloud,
      .summary = "Remove the application, but not its volumes",
      .details =
          "With --project-name no Compose file is needed. What the template retains (volumes) is listed.",
      .examples = "docker ecs compose down",
      .flags = {progress_flag()},
      .run = down_command,
  };
}

}  // namespace cli
