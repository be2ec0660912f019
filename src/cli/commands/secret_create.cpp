#include <optional>
#include <string>

#include "awsapi/secretsmanager.hpp"
#include "cli/commands/secret.hpp"
#include "cli/options.hpp"
#include "cli/present/prompt.hpp"
#include "cli/session.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"
#include "util/utf8.hpp"

namespace cli {
namespace {

namespace sm = awsapi::secretsmanager;

constexpr std::size_t kMaxSecretBytes = 65'536;  // Secrets Manager's limit

struct Refused {
  ExitCode code = ExitCode::failure;
};

using Content = util::Result<std::string, Refused>;

Refused refuse(Session& session,
               std::string_view message,
               std::string_view help = {},
               ExitCode code = ExitCode::failure) {
  return {session.fail(message, help, code)};
}

Content read_file_content(Session& session, const std::string& path) {
  auto text = session.files().read(session.absolute(path));
  if (!text) {
    const bool missing = session.files().stat(session.absolute(path)).has_value() == false;
    return util::unexpected(refuse(session,
                                   "cannot read " + path + ": " + text.error().message,
                                   "",
                                   missing ? ExitCode::file_not_found : ExitCode::failure));
  }
  return std::move(*text);
}

Content read_standard_input(Session& session) {
  auto text = session.in().read_all();
  if (!text) {
    return util::unexpected(refuse(session, "cannot read standard input"));
  }
  return std::move(*text);
}

// One trailing line end belongs to the file or to echo, not to the password.
std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  if (text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

Content ask(Session& session, bool secret, std::string_view label) {
  Prompter prompter(session.in(), session.err(), session.stop());
  const auto check = [](std::string_view answer) {
    return answer.empty() ? std::string("must not be empty") : std::string();
  };
  auto answer = secret ? prompter.secret(label, check) : prompter.text(label, {}, check);
  if (!answer) {
    return util::unexpected(Refused{ExitCode::interrupted});
  }
  return std::move(*answer);
}

bool can_ask(Session& session) {
  return Prompter(session.in(), session.err(), session.stop()).can_ask();
}

Content read_password(Session& session, const Options& options) {
  const int sources = (options.given("password") ? 1 : 0) +
                      (options.given("password-file") ? 1 : 0) +
                      (options.is_set("password-stdin") ? 1 : 0);
  if (sources > 1) {
    return util::unexpected(
        refuse(session,
               "--password, --password-file and --password-stdin exclude each other",
               "",
               ExitCode::usage));
  }
  if (const auto password = options.value("password")) {
    session.warn(
        "using --password shows it to other users of this machine and keeps it in the "
        "shell's history; --password-stdin does not");
    return *password;
  }
  if (const auto file = options.value("password-file")) {
    return read_file_content(session, *file).map(without_line_end);
  }
  if (options.is_set("password-stdin")) {
    return read_standard_input(session).map(without_line_end);
  }
  if (can_ask(session)) {
    return ask(session, true, "Password");
  }
  return util::unexpected(refuse(session,
                                 "no password given, and no terminal to ask for one",
                                 "use --password-stdin or --password-file",
                                 ExitCode::usage));
}

// The document that ECS expects behind repositoryCredentials.
Content read_credentials(Session& session, const Options& options) {
  Content username = options.given("username") ? Content(options.text("username"))
                                               : ask(session, false, "Username");
  if (!username) {
    return username;
  }
  Content password = read_password(session, options);
  if (!password) {
    return password;
  }
  if (username->empty() || password->empty()) {
    return util::unexpected(refuse(session, "username and password must not be empty"));
  }
  return doc::to_json(
      doc::map({{"username", doc::Node(*username)}, {"password", doc::Node(*password)}}));
}

Content read_content(Session& session, const Options& options) {
  const std::vector<std::string>& arguments = options.arguments();
  const bool has_file = arguments.size() > 1;
  const bool has_password = options.given("password") || options.given("password-file") ||
                            options.is_set("password-stdin");
  if (has_file && (options.given("username") || has_password)) {
    return util::unexpected(refuse(
        session, "a secret is either a user name and password, or a file", "", ExitCode::usage));
  }
  if (has_password && !options.given("username")) {
    return util::unexpected(refuse(session, "a password needs --username", "", ExitCode::usage));
  }
  if (options.given("username") || (!has_file && can_ask(session))) {
    return read_credentials(session, options);
  }
  if (has_file && arguments[1] != "-") {
    return read_file_content(session, arguments[1]);
  }
  return read_standard_input(session);
}

util::Result<std::vector<sm::Tag>, Refused> read_tags(Session& session, const Options& options) {
  std::vector<sm::Tag> tags;
  for (const std::string& text : options.list("label")) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || text.empty()) {
      return util::unexpected(
          refuse(session, "\"" + text + "\" is no label: write NAME=value", "", ExitCode::usage));
    }
    sm::Tag tag;
    tag.key = text.substr(0, equals);
    tag.value = equals == std::string::npos ? "" : text.substr(equals + 1);
    tags.push_back(std::move(tag));
  }
  return tags;
}

ExitCode create_secret(Session& session, const Options& options) {
  const auto tags = read_tags(session, options);
  if (!tags) {
    return tags.error().code;
  }
  Content content = read_content(session, options);
  if (!content) {
    return content.error().code;
  }
  if (content->empty()) {
    return session.fail("the secret is empty");
  }
  if (content->size() > kMaxSecretBytes) {
    return session.fail("the secret has " + std::to_string(content->size()) +
                        " bytes; Secrets Manager takes at most " + std::to_string(kMaxSecretBytes));
  }
  sm::CreateSecretRequest request;
  request.name = options.arguments().front();
  request.description = options.value("description");
  request.tags = *tags;
  if (util::is_utf8(*content)) {
    request.secret_string = std::move(*content);
  } else {
    request.secret_binary = awsapi::Blob{std::move(*content)};
  }
  const auto service = session.open_service(session.target());
  if (!service) {
    return session.fail(service.error());
  }
  const auto created = (*service)->send(request);
  if (!created) {
    Failure failure = describe(created.error());
    if (created.error().code == "ResourceExistsException") {
      failure.help = "\"" + session.program() + " secret rm " + request.name +
                     "\" removes it, \"secret inspect\" shows its ARN";
    }
    return session.fail(failure);
  }
  session.print(created->arn.value_or("") + "\n");
  return ExitCode::ok;
}

}  // namespace

Command secret_create_command() {
  using enum FlagKind;
  return {
      .name = "create",
      .tier = Tier::cloud,
      .arguments = "NAME [FILE|-]",
      .summary = "Create a secret and print its ARN",
      .details =
          "With --username the secret holds credentials for a private registry. Otherwise "
          "it holds the bytes of FILE, or of standard input. On a terminal, what is missing "
          "is asked for.",
      .examples =
          "docker ecs secret create dockerhub --username me\n"
          "cat token | docker ecs secret create dockerhub --username me --password-stdin\n"
          "docker ecs secret create app/settings settings.json",
      .flags =
          {
              {.name = "description",
               .shorthands = "d",
               .kind = text,
               .help = "Description of the secret"},
              {.name = "label",
               .shorthands = "l",
               .kind = list,
               .help = "Tag of the secret, NAME=value",
               .aliases = {"tag"}},
              {.name = "password",
               .shorthands = "p",
               .kind = text,
               .help = "Password for the registry; unsafe, because other users can see it"},
              {.name = "password-file",
               .kind = text,
               .help = "Read the password from a file",
               .completion = Completion::files},
              {.name = "password-stdin", .help = "Read the password from standard input"},
              {.name = "username",
               .shorthands = "u",
               .kind = text,
               .help = "User name for the registry"},
          },
      .positionals = {.at_least = 1, .at_most = 2, .completion = Completion::files},
      .run = create_secret,
  };
}

}  // namespace cli
