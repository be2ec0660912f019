#include "cli/completion.hpp"

#include <doctest/doctest.h>

#include "cli/commands/compose.hpp"
#include "cli/globals.hpp"
#include "command_run.hpp"

namespace {

cli::ExitCode nothing(cli::Session&, const cli::Options&) {
  return cli::ExitCode::ok;
}

const cli::Command& root() {
  static const cli::Command table = [] {
    cli::Command compose = cli::compose_command();
    compose.children = {
        {.name = "logs",
         .flags = {{.name = "follow", .shorthands = "f"}},
         .positionals = {.at_most = cli::kAnyNumber, .completion = cli::Completion::services},
         .run = nothing}};
    return cli::Command{
        .name = "ecs", .persistent_flags = cli::global_flags(), .children = {std::move(compose)}};
  }();
  return table;
}

std::string completed(const test::MemoryFileSystem& files, std::vector<std::string> words) {
  const util::Environment environment;
  cli::StringOutput out;
  cli::StringOutput err;
  cli::StringInput in("");
  const test::CommandRun::StillClock clock;
  words.insert(words.begin(), {"__complete", "ecs", "compose"});
  cli::complete({out, err, in, environment, files, clock, "/project", {}}, root(), words);
  CHECK(err.text().empty());
  return out.text();
}

}  // namespace

TEST_CASE("services come from the Compose file that the line names") {
  test::MemoryFileSystem files;
  files.put("/project/compose.yaml", "services:\n  web:\n    image: nginx\n  worker:\n    image: w\n");
  files.put("/project/other.yaml", "services:\n  third:\n    image: t\n");
  CHECK(completed(files, {"logs", "w"}) == "web\tnginx\nworker\tw\n:4\n");
  CHECK(completed(files, {"logs", "web", "-f", "wo"}) == "worker\tw\n:4\n");
  CHECK(completed(files, {"-f", "other.yaml", "logs", ""}) == "third\tt\n:4\n");
  CHECK(completed(files, {"-fother.yaml", "logs", "--", ""}) == "third\tt\n:4\n");
  CHECK(completed(files, {"--file=other.yaml", "logs", ""}) == "third\tt\n:4\n");
}

TEST_CASE("trouble offers nothing and says nothing") {
  test::MemoryFileSystem files;
  CHECK(completed(files, {"logs", ""}) == ":4\n");
  files.put("/project/compose.yaml", "services: [\n");
  CHECK(completed(files, {"logs", ""}) == ":4\n");
  CHECK(completed(files, {"--nonsense", "logs", "--fol"}) == "--follow\n:4\n");
}
