#include <memory>
#include <utility>

#include "awsapi/s3.hpp"
#include "cli/commands/compose.hpp"
#include "cli/commands/compose_endpoint.hpp"
#include "cli/commands/compose_facts.hpp"
#include "cli/commands/compose_progress.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "convert/convert.hpp"
#include "convert/naming.hpp"
#include "deploy/secrets.hpp"
#include "deploy/services.hpp"
#include "local/providers/parity.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

// The values of the project's secrets, from their files or variables.
util::Result<std::vector<deploy::SecretValue>, Failure> read_secrets(
    const Session& session,
    const std::vector<convert::SecretUpload>& uploads) {
  std::vector<deploy::SecretValue> out;
  for (const convert::SecretUpload& upload : uploads) {
    if (upload.file.empty()) {
      if (upload.content == nullptr) {
        return util::unexpected(
            Failure{"the variable of secret `" + upload.key + "` is not set", ""});
      }
      out.push_back({upload.key, upload.name, *upload.content});
      continue;
    }
    auto value = session.files().read(upload.file);
    if (!value) {
      return util::unexpected(Failure{
          "secret `" + upload.key + "`: cannot read " + upload.file + ": " + value.error().message,
          ""});
    }
    out.push_back({upload.key, upload.name, std::move(*value)});
  }
  return out;
}

// Writes the project's secrets to Secrets Manager; the template gets where they are.
util::Result<void, deploy::Problem> store_project_secrets(
    deploy::World& world,
    const std::string& project,
    const std::vector<convert::SecretUpload>& uploads,
    const std::vector<deploy::SecretValue>& values,
    std::map<std::string, std::string>& parameters) {
  auto stored = deploy::store_secrets(world.api, project, values, world.new_token);
  if (!stored) {
    return util::unexpected(std::move(stored.error()));
  }
  for (const convert::SecretUpload& upload : uploads) {
    const deploy::StoredSecret& secret = stored->at(upload.name);
    parameters[upload.arn_parameter] = secret.arn;
    parameters[upload.version_parameter] = secret.version_id;
  }
  return {};
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
  auto converted = convert_project(session, options, TemplateFormat::compact_json);
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
  for (const std::string& idle : session.target().is_local()
                                     ? local::idle_resources(converted->text)
                                     : std::vector<std::string>{}) {
    session.warn("here, " + idle);
  }
  auto parameters = resolve_parameters(session, **api, *converted);
  if (!parameters) {
    return session.fail(parameters.error());
  }
  const std::vector<convert::SecretUpload> uploads = convert::secret_uploads(converted->project);
  const auto secrets = read_secrets(session, uploads);
  if (!secrets) {
    return session.fail(secrets.error());
  }
  DeployProgress progress(session, options.text("progress"), "Deploying " + project);
  deploy::World world = deploy_world(session, **api, progress);
  if (const auto stored = store_project_secrets(world, project, uploads, *secrets, *parameters);
      !stored) {
    return report_problem(session, stored.error(), "up");
  }
  world.detach = options.is_set("detach");
  world.region = (*api)->service().region();
  world.s3_url = (*api)->service().url_of(awsapi::s3::service());
  const auto outcome = deploy::up(
      world,
      {project, convert::stack_name(project), std::move(converted->text), std::move(*parameters)});
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
