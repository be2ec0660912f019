#include <memory>
#include <utility>

#include "cli/commands/compose.hpp"
#include "cli/commands/compose_endpoint.hpp"
#include "cli/commands/compose_progress.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "convert/convert.hpp"
#include "convert/naming.hpp"
#include "deploy/network.hpp"
#include "deploy/services.hpp"
#include "util/overloaded.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

// The parameters that only the account knows.
util::Result<std::map<std::string, std::string>, Failure> resolve_parameters(
    deploy::Api& api,
    const compose::Project& project) {
  std::map<std::string, std::string> parameters;
  for (const convert::FactRequest& request : convert::needed_facts(project)) {
    const auto placement = deploy::find_placement(api, std::get<convert::VpcFact>(request).id);
    if (!placement) {
      return util::unexpected(std::visit(
          util::overloaded{
              [](const deploy::Refusal& refusal) { return Failure{refusal.message, refusal.help}; },
              [](const deploy::ApiError& error) { return describe(error); }},
          placement.error()));
    }
    parameters[std::string(convert::kVpcParameter)] = placement->vpc_id;
    parameters[std::string(convert::kSubnetsParameter)] = util::join(placement->subnet_ids, ",");
  }
  return parameters;
}

std::string result_line(const deploy::UpOutcome& outcome, const std::string& project) {
  switch (outcome.result) {
    case deploy::UpResult::created: return project + " is up";
    case deploy::UpResult::updated: return project + " is updated";
    case deploy::UpResult::unchanged: break;
  }
  return project + " is up to date: nothing changed";
}

// "frontend  http://localhost:5000", one line a published port.
void print_addresses(const Session& session, deploy::Api& api, const deploy::RemoteStack& stack) {
  const auto services = deploy::read_services(api, stack);
  if (!services) {
    return;
  }
  for (const deploy::ServiceStatus& service : *services) {
    for (const deploy::Publisher& publisher : service.publishers) {
      const std::string address = publisher.url.empty()
                                      ? publisher.host + ":" + std::to_string(publisher.published)
                                      : publisher.url;
      session.print(service.name + "  " + address + "\n");
    }
  }
}

ExitCode up_command(Session& session, const Options& options) {
  auto converted = convert_project(session, options, TemplateFormat::json);
  if (!converted) {
    return converted.error();
  }
  const auto api = open_endpoint(session);
  if (!api) {
    return session.fail(api.error());
  }
  const std::string& project = converted->project.name;
  if (const auto announced = announce(session, **api, project); !announced) {
    return session.fail(announced.error());
  }
  auto parameters = resolve_parameters(**api, converted->project);
  if (!parameters) {
    return session.fail(parameters.error());
  }
  DeployProgress progress(session, options.text("progress"), "Deploying " + project);
  deploy::World world = deploy_world(session, **api, progress);
  world.detach = options.is_set("detach");
  const auto outcome = deploy::up(
      world,
      {project, convert::stack_name(project), std::move(converted->json), std::move(*parameters)});
  progress.finish();
  if (!outcome) {
    if (world.detach && std::holds_alternative<deploy::Detached>(outcome.error())) {
      session.say(project + " is being deployed; follow it with `" + session.program() +
                  " compose up`");
      return ExitCode::ok;
    }
    return report_problem(session, outcome.error(), "up");
  }
  session.say(result_line(*outcome, project));
  print_addresses(session, **api, outcome->stack);
  return ExitCode::ok;
}

}  // namespace

Command compose_up_command() {
  return {
      .name = "up",
      .tier = Tier::cloud,
      .summary = "Create or update the application",
      .details =
          "Converts the Compose file to a CloudFormation template and deploys it by a change set: to the AWS account of "
          "the current context, or to the local engine. Ctrl-C stops waiting, not the deployment.",
      .examples =
          "docker ecs compose up\n"
          "docker ecs compose -f compose.yaml -f production.yaml up --progress plain",
      .flags = {{.name = "detach",
                 .shorthands = "d",
                 .help = "Return as soon as the deployment has started"},
                progress_flag()},
      .run = up_command,
  };
}

}  // namespace cli
