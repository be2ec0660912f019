#include "cli/reference.hpp"

#include <doctest/doctest.h>

#include "cli/commands.hpp"
#include "support/golden.hpp"

namespace {

// Every row is complete enough to be run and to be explained.
void check_row(const cli::Command& command) {
  INFO(command.name);
  CHECK_FALSE(command.summary.empty());
  CHECK_FALSE(command.summary.ends_with('.'));
  CHECK((command.run != nullptr) != !command.children.empty());
  for (const std::vector<cli::Flag>* table : {&command.flags, &command.persistent_flags}) {
    for (const cli::Flag& flag : *table) {
      INFO(flag.name);
      CHECK_FALSE(flag.help.empty());
      CHECK_FALSE(flag.help.ends_with('.'));
      const cli::CommandPath path{&command};
      CHECK(cli::find_flag(path, flag.name) == &flag);
    }
  }
  for (const cli::Command& child : command.children) {
    CHECK(cli::find_child(command, child.name) == &child);
    check_row(child);
  }
}

}  // namespace

TEST_CASE("every row of the command table is complete and unambiguous") {
  check_row(cli::command_table());
}

TEST_CASE("docs/cli.md is what the command table says") {
  test::check_golden("docs/cli.md", cli::reference_text(cli::command_table()));
}
