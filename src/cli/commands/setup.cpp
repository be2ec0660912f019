#include "cli/commands/setup.hpp"

#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/context/context_store.hpp"
#include "cli/options.hpp"
#include "cli/present/prompt.hpp"
#include "cli/session.hpp"
#include "cli/setup/account_settings.hpp"
#include "cli/setup/answers.hpp"
#include "cli/setup/aws_files.hpp"
#include "util/atomic_file.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

using Done = util::Result<void, ExitCode>;

util::Result<std::string, ExitCode> read_or_empty(Session& session, const std::string& path) {
  auto text = session.files().read(path);
  if (text) {
    return std::move(*text);
  }
  if (text.error().code == ENOENT || text.error().code == ENOTDIR) {
    return std::string();
  }
  return util::unexpected(session.fail("cannot read " + path + ": " + text.error().message));
}

util::Result<AwsFileTexts, ExitCode> read_aws_files(Session& session) {
  AwsFileTexts files{aws_file_paths(session.environment(), session.home()), {}, {}};
  auto config = read_or_empty(session, files.paths.config);
  if (!config) {
    return util::unexpected(config.error());
  }
  auto credentials = read_or_empty(session, files.paths.credentials);
  if (!credentials) {
    return util::unexpected(credentials.error());
  }
  files.config = std::move(*config);
  files.credentials = std::move(*credentials);
  return files;
}

enum class Reply : std::uint8_t { yes, no, cancelled };

// `no` where nobody can be asked.
Reply ask(Session& session, std::string_view question) {
  Prompter prompter(session.in(), session.err(), session.stop());
  if (!prompter.can_ask()) {
    return Reply::no;
  }
  const auto answer = prompter.confirm(question, false);
  return !answer ? Reply::cancelled : *answer ? Reply::yes : Reply::no;
}

// What --force allows, or the user; the complaint is for those who do neither.
Done may_replace(Session& session,
                 const Options& options,
                 std::string_view question,
                 const Failure& complaint) {
  if (options.is_set("force")) {
    return {};
  }
  switch (ask(session, question)) {
    case Reply::yes: return {};
    case Reply::cancelled: return util::unexpected(ExitCode::interrupted);
    case Reply::no: break;
  }
  return util::unexpected(session.fail(complaint));
}

Done may_replace_context(Session& session,
                         const ContextStore& store,
                         const Options& options,
                         const std::string& name) {
  const auto existing = store.find(name);
  if (existing && !existing->has_value()) {
    return {};
  }
  return may_replace(session,
                     options,
                     "Context \"" + name + "\" exists. Replace it?",
                     {"context \"" + name + "\" already exists", "--force replaces it"});
}

// Only when the user gave a key. The region goes to the context alone: it is not AWS's files'
// business.
Done write_access_key(Session& session,
                      const Options& options,
                      const AwsFileTexts& files,
                      const SetupAnswers& answers) {
  if (!answers.key) {
    return {};
  }
  const auto kind = AwsFileKind::credentials;
  if (profile_value(files.credentials, kind, answers.profile, "aws_access_key_id")) {
    const Done allowed =
        may_replace(session,
                    options,
                    "Profile \"" + answers.profile + "\" has credentials. Replace them?",
                    {"profile \"" + answers.profile + "\" has credentials already in " +
                         files.paths.credentials,
                     "--force replaces them; without an access key they are used as they are"});
    if (!allowed) {
      return allowed;
    }
  }
  std::string text = with_profile_value(
      files.credentials, kind, answers.profile, "aws_access_key_id", answers.key->id);
  text =
      with_profile_value(text, kind, answers.profile, "aws_secret_access_key", answers.key->secret);
  const std::string directory =
      files.paths.credentials.substr(0, files.paths.credentials.rfind('/'));
  auto written = util::make_directories(directory, 0700);
  if (written) {
    written = util::write_file_atomically(files.paths.credentials, text, 0600);
  }
  if (!written) {
    return util::unexpected(
        session.fail("cannot write " + files.paths.credentials + ": " + written.error().message));
  }
  session.say("credentials of profile \"" + answers.profile + "\" written to " +
              files.paths.credentials);
  return {};
}

// Advice only: a context is worth having while the network is down, too.
Done check_account(Session& session, const Options& options, const Target& target) {
  const auto service = session.open_service(target);
  if (!service) {
    session.warn("the account was not checked: " + service.error().message);
    return {};
  }
  const auto disabled = disabled_arn_settings(**service);
  if (!disabled) {
    session.warn("the account was not checked: " + describe(disabled.error()).message);
    return {};
  }
  if (disabled->empty()) {
    return {};
  }
  session.warn("this account has not opted in to the new ARN and resource ID format: " +
               util::join(*disabled, ", "));
  const Reply reply =
      options.is_set("opt-in") ? Reply::yes : ask(session, "Enable it for the account?");
  if (reply == Reply::cancelled) {
    return util::unexpected(ExitCode::interrupted);
  }
  if (reply == Reply::no) {
    session.say("\"" + session.program() + " setup --opt-in\" enables it; \"compose up\" needs it");
    return {};
  }
  if (const auto enabled = enable_settings(**service, *disabled); !enabled) {
    session.warn("the settings were not enabled: " + describe(enabled.error()).message);
    return {};
  }
  session.say("enabled: " + util::join(*disabled, ", "));
  return {};
}

ExitCode set_up(Session& session, const Options& options) {
  const auto files = read_aws_files(session);
  if (!files) {
    return files.error();
  }
  const auto answers = gather_answers(session, options, *files);
  if (!answers) {
    return answers.error();
  }
  const ContextStore store(session.files(), session.docker_config_directory());
  if (const Done allowed = may_replace_context(session, store, options, answers->name); !allowed) {
    return allowed.error();
  }
  if (const Done written = write_access_key(session, options, *files, *answers); !written) {
    return written.error();
  }
  AwsEndpoint endpoint;
  endpoint.from_environment = answers->from_environment;
  if (!answers->profile.empty()) {
    endpoint.profile = answers->profile;
  }
  if (!answers->region.empty()) {
    endpoint.region = answers->region;
  }
  const std::string description = !answers->description.empty() ? answers->description
                                  : answers->from_environment ? "credentials read from environment"
                                                              : "Amazon ECS, " + answers->region;
  const StoredContext context = aws_context(answers->name, description, endpoint);
  if (!options.is_set("no-check")) {
    const Done checked = check_account(session, options, {answers->name, endpoint_of(context)});
    if (!checked) {
      return checked.error();
    }
  }
  if (session.stop().stop_requested()) {
    return ExitCode::interrupted;
  }
  if (const auto written = store.write(context); !written) {
    return session.fail(written.error());
  }
  session.say("context \"" + answers->name + "\" is ready: \"docker context use " + answers->name +
              "\" selects it");
  return ExitCode::ok;
}

}  // namespace

Command setup_command() {
  using enum FlagKind;
  return {
      .name = "setup",
      .summary = "Create a Docker context for an AWS account",
      .details =
          "Asks for what no flag answers. Credentials stay in AWS's own files; the context "
          "holds only the profile's name and the region. The access key is written to the "
          "shared credentials file (mode 0600) only when one is entered.",
      .examples =
          "docker ecs setup\n"
          "docker ecs setup --name aws --profile work --region ap-northeast-1\n"
          "docker ecs setup --name ci --from-env",
      .flags =
          {
              {.name = "access-key-id",
               .shorthands = "k",
               .kind = text,
               .help = "AWS access key ID to store in the profile",
               .aliases = {"aws-key-id"}},
              {.name = "aws-secret-key",
               .shorthands = "s",
               .kind = text,
               .help = "AWS secret access key; unsafe, because other users can see it",
               .visibility = Visibility::hidden},
              {.name = "description", .kind = text, .help = "Description of the context"},
              {.name = "force", .shorthands = "f", .help = "Replace a context or credentials"},
              {.name = "from-env",
               .help = "Use the credentials in the environment at the time of each command"},
              {.name = "name",
               .shorthands = "n",
               .kind = text,
               .help = "Name of the context (default \"ecs\")",
               .aliases = {"context-name"}},
              {.name = "no-check", .help = "Do not check the account's settings"},
              {.name = "opt-in",
               .help = "Enable the new ARN and resource ID format for the account if it is not"},
              {.name = "profile",
               .shorthands = "p",
               .kind = text,
               .help = "AWS profile",
               .completion = Completion::profiles},
              {.name = "region",
               .shorthands = "r",
               .kind = text,
               .help = "AWS region (default: the profile's)",
               .completion = Completion::regions},
              {.name = "secret-access-key-file",
               .kind = text,
               .help = "Read the AWS secret access key from a file",
               .completion = Completion::files},
              {.name = "secret-access-key-stdin",
               .help = "Read the AWS secret access key from standard input"},
          },
      .run = set_up,
  };
}

}  // namespace cli
