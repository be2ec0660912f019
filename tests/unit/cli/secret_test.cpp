#include <doctest/doctest.h>

#include "command_run.hpp"
#include "doc/json_writer.hpp"

namespace {

using cli::ExitCode;

doc::Node secret(const char* name) {
  return doc::map(
      {{"ARN", doc::Node(std::string("arn:") + name)},
       {"Name", doc::Node(name)},
       {"Tags", doc::list({doc::map({{"Key", doc::Node("k")}, {"Value", doc::Node("v")}})})}});
}

util::Result<doc::Node, cli::ServiceError> not_found(const doc::Node&) {
  return util::unexpected(
      cli::ServiceError{cli::ServiceError::Kind::answered, "ResourceNotFoundException", "no"});
}

struct CreateRun : test::CommandRun {
  CreateRun() {
    answers["CreateSecret"] = [](const doc::Node& input) {
      return secret(input.find("Name")->as_string()->c_str());
    };
  }

  [[nodiscard]] std::string sent(std::string_view member) const {
    REQUIRE(calls.size() == 1);
    const doc::Node* node = calls[0].second.find(member);
    return node == nullptr     ? "absent"
           : node->as_string() ? *node->as_string()
                               : doc::to_json(*node);
  }
};

}  // namespace

TEST_CASE("a registry's credentials become the document that ECS expects") {
  CreateRun run;
  run.stdin_text = "pass word\n";
  CHECK(run.run({"secret",
                 "create",
                 "hub",
                 "-u",
                 "me",
                 "--password-stdin",
                 "-d",
                 "Docker Hub",
                 "-l",
                 "team=a=b",
                 "-l",
                 "x"}) == ExitCode::ok);
  CHECK(run.out == "arn:hub\n");
  CHECK(run.err.empty());
  CHECK(run.sent("SecretString") == R"({"username":"me","password":"pass word"})");
  CHECK(run.sent("Description") == "Docker Hub");
  CHECK(run.sent("Tags") == R"([{"Key":"team","Value":"a=b"},{"Key":"x","Value":""}])");
}

TEST_CASE("a password on the command line works, with a warning that does not repeat it") {
  CreateRun run;
  CHECK(run.run({"secret", "create", "hub", "-u", "me", "-p", "hush"}) == ExitCode::ok);
  CHECK(run.err.starts_with("warning: using --password shows it"));
  CHECK(run.err.find("hush") == std::string::npos);
  CHECK(run.sent("SecretString") == R"({"username":"me","password":"hush"})");
}

TEST_CASE("other secrets are the bytes of a file or of standard input") {
  CreateRun run;
  run.files.put("/project/settings.json", "{\"a\":1}\n");
  CHECK(run.run({"secret", "create", "s", "settings.json"}) == ExitCode::ok);
  CHECK(run.sent("SecretString") == "{\"a\":1}\n");
  run.stdin_text = "raw\n";
  CHECK(run.run({"secret", "create", "s"}) == ExitCode::ok);
  CHECK(run.sent("SecretString") == "raw\n");
  run.stdin_text = "\xff\x01";
  CHECK(run.run({"secret", "create", "s", "-"}) == ExitCode::ok);
  CHECK(run.sent("SecretString") == "absent");
}

TEST_CASE("what cannot become a secret is refused before anything is sent") {
  const auto refused = [](std::vector<std::string> words, const std::string& input) {
    CreateRun run;
    run.stdin_text = input;
    words.insert(words.begin(), {"secret", "create"});
    const ExitCode code = run.run(words);
    CHECK(run.calls.empty());
    CHECK(run.out.empty());
    return std::to_string(static_cast<int>(code)) + " " + run.err.substr(0, run.err.find('\n'));
  };
  CHECK(refused({"s", "gone"}, "") == "14 error: cannot read gone: no such file or directory");
  CHECK(refused({"s"}, "") == "1 error: the secret is empty");
  CHECK(refused({"s", "-u", "me"}, "") ==
        "16 error: no password given, and no terminal to ask for one");
  CHECK(refused({"s", "-u", "me", "--password-stdin"}, "\n") ==
        "1 error: username and password must not be empty");
  CHECK(refused({"s", "file", "-u", "me"}, "") ==
        "16 error: a secret is either a user name and password, or a file");
  CHECK(refused({"s", "--password-stdin"}, "x") == "16 error: a password needs --username");
  CHECK(refused({"s", "-u", "me", "-p", "x", "--password-stdin"}, "x") ==
        "16 error: --password, --password-file and --password-stdin exclude each other");
  CHECK(refused({"s"}, std::string(65'537, 'x')) ==
        "1 error: the secret has 65537 bytes; Secrets Manager takes at most 65536");
  CHECK(refused({"s", "-l", "=v"}, "x") == "16 error: \"=v\" is no label: write NAME=value");
}

TEST_CASE("list follows every page and sorts by name") {
  test::CommandRun run;
  run.answers["ListSecrets"] = [](const doc::Node& input) {
    return input.find("NextToken") == nullptr
               ? doc::map({{"SecretList", doc::list({secret("b")})}, {"NextToken", doc::Node("t")}})
               : doc::map({{"SecretList", doc::list({secret("a")})}});
  };
  CHECK(run.run({"secret", "ls"}) == ExitCode::ok);
  CHECK(run.out ==
        "ID      NAME   DESCRIPTION\n"
        "arn:a   a      \n"
        "arn:b   b      \n");
  CHECK(run.run({"secret", "list", "-q"}) == ExitCode::ok);
  CHECK(run.out == "arn:a\narn:b\n");
}

TEST_CASE("inspect shows what it finds and fails for what it does not") {
  test::CommandRun run;
  run.answers["DescribeSecret"] = [](const doc::Node& input) {
    return *input.find("SecretId")->as_string() == "gone" ? not_found(input) : secret("a");
  };
  CHECK(run.run({"secret", "inspect", "a"}) == ExitCode::ok);
  CHECK(run.out ==
        "{\n  \"ID\": \"arn:a\",\n  \"Name\": \"a\",\n  \"Labels\": {\n    \"k\": \"v\"\n  },\n"
        "  \"Description\": \"\"\n}\n");
  CHECK(run.run({"secret", "inspect", "gone", "a"}) == ExitCode::failure);
  CHECK(run.err == "error: no such secret: gone\n");
  CHECK(run.out.starts_with("[\n  {\n    \"ID\": \"arn:a\""));
}

TEST_CASE("delete is immediate unless asked otherwise, and says which names do not exist") {
  test::CommandRun run;
  run.answers["DescribeSecret"] = [](const doc::Node& input) {
    return *input.find("SecretId")->as_string() == "gone" ? not_found(input) : secret("a");
  };
  run.answers["DeleteSecret"] = [](const doc::Node&) { return secret("a"); };
  CHECK(run.run({"secret", "rm", "gone", "a"}) == ExitCode::failure);
  CHECK(run.out == "a\n");
  CHECK(run.err == "error: no such secret: gone\n");
  CHECK(doc::to_json(run.calls.back().second) ==
        R"({"SecretId":"arn:a","ForceDeleteWithoutRecovery":true})");
  CHECK(run.run({"secret", "delete", "--recover", "a"}) == ExitCode::ok);
  CHECK(doc::to_json(run.calls.back().second) == R"({"SecretId":"arn:a"})");
  CHECK(run.run({"secret", "remove", "--force", "gone"}) == ExitCode::ok);
}

TEST_CASE("a refusal is AWS's words, its code, and what helps") {
  test::CommandRun run;
  run.answers["ListSecrets"] = [](const doc::Node&) {
    return util::Result<doc::Node, cli::ServiceError>(util::unexpected(cli::ServiceError{
        cli::ServiceError::Kind::answered, "ExpiredTokenException", "The security token expired"}));
  };
  CHECK(run.run({"secret", "ls"}) == ExitCode::failure);
  CHECK(run.err ==
        "error: The security token expired (ExpiredTokenException)\n"
        "help: the credentials have expired: sign in again (\"aws sso login\" for SSO profiles)\n");
}
