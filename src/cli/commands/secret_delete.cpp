#include <string>

#include "awsapi/secretsmanager.hpp"
#include "cli/commands/secret.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"

namespace cli {
namespace {

namespace sm = awsapi::secretsmanager;

// A deletion without recovery succeeds for names that do not exist, so the secret is looked up
// first.
ExitCode delete_secret(Session& session,
                       AwsService& service,
                       const std::string& id,
                       const Options& options) {
  sm::DescribeSecretRequest lookup;
  lookup.secret_id = id;
  auto found = service.send(lookup);
  if (!found && found.error().code == "ResourceNotFoundException") {
    if (options.is_set("force")) {
      return ExitCode::ok;
    }
    return session.fail("no such secret: " + id);
  }
  if (!found) {
    return session.fail(describe(found.error()));
  }
  sm::DeleteSecretRequest request;
  request.secret_id = found->arn.value_or(id);
  if (!options.is_set("recover")) {
    request.force_delete_without_recovery = true;
  }
  const auto deleted = service.send(request);
  if (!deleted) {
    return session.fail(describe(deleted.error()));
  }
  session.print(id + "\n");
  return ExitCode::ok;
}

ExitCode delete_secrets(Session& session, const Options& options) {
  const auto service = session.open_service(session.target());
  if (!service) {
    return session.fail(service.error());
  }
  ExitCode code = ExitCode::ok;
  for (const std::string& id : options.arguments()) {
    const ExitCode outcome = delete_secret(session, **service, id, options);
    if (outcome != ExitCode::ok) {
      code = outcome;
    }
  }
  return code;
}

}  // namespace

Command secret_delete_command() {
  return {
      .name = "delete",
      .aliases = {"rm", "remove"},
      .tier = Tier::cloud,
      .arguments = "NAME [NAME...]",
      .summary = "Delete secrets",
      .details =
          "The deletion is immediate. With --recover the secret can be restored for 30 "
          "days (\"aws secretsmanager restore-secret\"), and its name stays taken as long.",
      .flags = {{.name = "force", .shorthands = "f", .help = "Ignore secrets that do not exist"},
                {.name = "recover", .help = "Keep the secret recoverable for 30 days"}},
      .positionals = {.at_least = 1, .at_most = kAnyNumber, .completion = Completion::secrets},
      .run = delete_secrets,
  };
}

}  // namespace cli
