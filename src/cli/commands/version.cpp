#include "cli/commands/version.hpp"

#include <string>

#include "cli/options.hpp"
#include "cli/session.hpp"
#include "cli/version.hpp"
#include "doc/json_writer.hpp"

namespace cli {
namespace {

ExitCode show_version(Session& session, const Options& options) {
  if (options.is_set("short")) {
    session.print(std::string(kVersion) + "\n");
  } else if (options.text("format") == "json") {
    session.print(doc::to_json(doc::map({{"Version", doc::Node(kVersion)}})) + "\n");
  } else {
    session.print(version_line());
  }
  return ExitCode::ok;
}

}  // namespace

Command version_command() {
  return {
      .name = "version",
      .summary = "Show the version",
      .flags = {{.name = "format",
                 .shorthands = "f",
                 .kind = FlagKind::text,
                 .help = "Format the output",
                 .default_value = "pretty",
                 .choices = {"pretty", "json"}},
                {.name = "short", .help = "Show only the version number"}},
      .run = show_version,
  };
}

}  // namespace cli
