#include "cli/options.hpp"

#include <doctest/doctest.h>

#include "cli/help.hpp"

namespace {

cli::ExitCode nothing(cli::Session&, const cli::Options&) {
  return cli::ExitCode::ok;
}

const cli::Command& tree() {
  using enum cli::FlagKind;
  static const cli::Command root{
      .name = "ecs",
      .persistent_flags = {{.name = "context", .shorthands = "c", .kind = text}},
      .children = {
          {.name = "compose",
           .persistent_flags = {{.name = "file", .shorthands = "f", .kind = list},
                                {.name = "project-name", .shorthands = "pn", .kind = text}},
           .children = {
               {.name = "up",
                .flags = {{.name = "detach", .shorthands = "d"},
                          {.name = "timeout", .shorthands = "t", .kind = number}},
                .positionals = {.at_most = cli::kAnyNumber},
                .run = nothing},
               {.name = "logs",
                .aliases = {"log"},
                .flags = {{.name = "follow", .shorthands = "f"},
                          {.name = "tail", .shorthands = "n", .kind = text, .default_value = "all"},
                          {.name = "progress", .kind = text, .choices = {"tty", "plain"}}},
                .positionals = {.at_most = cli::kAnyNumber},
                .run = nothing},
               {.name = "rm", .positionals = {.at_least = 1, .at_most = 2}, .run = nothing},
           }}}};
  return root;
}

cli::Options parsed(const std::vector<std::string>& words) {
  const auto invocation = cli::parse(tree(), words);
  REQUIRE_MESSAGE(invocation.has_value(), cli::usage_error_text("docker ecs", invocation.error()));
  return invocation->options;
}

std::string complaint(const std::vector<std::string>& words) {
  const auto invocation = cli::parse(tree(), words);
  REQUIRE_FALSE(invocation.has_value());
  const std::string text = cli::usage_error_text("docker ecs", invocation.error());
  return text.substr(0, text.find("\n\n"));
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a list flag takes every spelling of its value") {
  for (const Words& words : {Words{"compose", "-f", "a", "-f", "b", "up"},
                             {"compose", "-fa", "-f=b", "up"},
                             {"compose", "--file=a", "up", "--file", "b"},
                             {"compose", "up", "-fa", "-df", "b"}}) {
    CHECK(parsed(words).list("file") == Words{"a", "b"});
  }
}

TEST_CASE("a command's own shorthand wins over its group's after the command's name") {
  const cli::Options options = parsed({"compose", "-f", "a", "-n", "p", "logs", "-f", "-n", "5"});
  CHECK(options.list("file") == Words{"a"});
  CHECK(options.text("project-name") == "p");
  CHECK(options.is_set("follow"));
  CHECK(options.text("tail") == "5");
}

TEST_CASE("an argument that is a sibling command's name stays an argument") {
  CHECK(parsed({"compose", "up", "web", "logs", "-d"}).arguments() == Words{"web", "logs"});
  CHECK(parsed({"compose", "up", "--", "-d"}).arguments() == Words{"-d"});
  CHECK(parsed({"compose", "up", "-"}).arguments() == Words{"-"});
}

TEST_CASE("defaults, booleans and numbers") {
  const cli::Options options = parsed({"compose", "log"});
  CHECK(options.text("tail") == "all");
  CHECK_FALSE(options.given("tail"));
  CHECK_FALSE(parsed({"compose", "up", "-d=false"}).is_set("detach"));
  CHECK(parsed({"compose", "up", "-dt5"}).number("timeout").value() == 5);
  CHECK(parsed({"compose", "up", "-t", "-1"}).number("timeout").value() == -1);
}

TEST_CASE("complaints are worded as docker's") {
  CHECK(complaint({"compose", "up", "--detahc"}) ==
        "unknown flag: --detahc\nDid you mean '--detach'?");
  CHECK(complaint({"compose", "up", "-dx"}) == "unknown shorthand flag: 'x' in -x");
  CHECK(complaint({"compose", "-f"}) == "flag needs an argument: 'f' in -f");
  CHECK(complaint({"compose", "logs", "--tail", "--follow"}) ==
        "flag needs an argument: --tail\n"
        "'--follow' is a flag itself; if it is the value, write --tail=--follow");
  CHECK(complaint({"compose", "logs", "--progress", "x"}) ==
        "invalid argument \"x\" for \"--progress\" flag: must be one of tty, plain");
  CHECK(complaint({"compose", "up", "-t", "soon"}) ==
        "invalid argument \"soon\" for \"-t, --timeout\" flag: must be a whole number");
  CHECK(complaint({"compsoe"}) ==
        "docker: unknown command: docker ecs compsoe\nDid you mean 'compose'?");
  CHECK(complaint({"compose", "rm"}) ==
        "docker: 'docker ecs compose rm' requires at least 1 argument");
  CHECK(complaint({"compose", "rm", "a", "b", "c"}) ==
        "docker: 'docker ecs compose rm' requires at most 2 arguments");
}

TEST_CASE("help is asked for anywhere and needs no arguments") {
  for (const Words& words : {Words{"compose", "rm", "--help"}, {"compose", "rm", "-h"}}) {
    const auto invocation = cli::parse(tree(), words);
    REQUIRE(invocation.has_value());
    CHECK(invocation->help);
    CHECK(invocation->options.path().back()->name == "rm");
  }
}
