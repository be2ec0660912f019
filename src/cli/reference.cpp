#include "cli/reference.hpp"

#include <algorithm>

#include "cli/help.hpp"

namespace cli {
namespace {

constexpr std::string_view kReferenceProgram = "docker ecs";
constexpr int kReferenceColumns = 100;

void append_command(std::string& text, const CommandPath& path) {
  text += "\n## " + path_text(kReferenceProgram, path) + "\n\n```text\n" +
          help_text(kReferenceProgram, path, kReferenceColumns) + "```\n";
  std::vector<const Command*> children;
  for (const Command& child : path.back()->children) {
    if (child.visibility == Visibility::shown) {
      children.push_back(&child);
    }
  }
  std::sort(children.begin(), children.end(), [](const Command* a, const Command* b) {
    return a->name < b->name;
  });
  for (const Command* child : children) {
    CommandPath below = path;
    below.push_back(child);
    append_command(text, below);
  }
}

}  // namespace

std::string reference_text(const Command& root) {
  std::string text =
      "# Commands\n\nGenerated from the command table by the unit tests of src/cli (`ACCEPT_GOLDENS=1 "
      "ctest -R unit.cli` rewrites it). Exit codes: [exit-codes.md](exit-codes.md).\n";
  append_command(text, {&root});
  return text;
}

}  // namespace cli
