#include "cli/commands/compose.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "util/atomic_file.hpp"

namespace cli {
namespace {

ExitCode convert_command(Session& session, const Options& options) {
  const bool json = options.text("format") == "json";
  const TemplateFormat format = options.is_set("stats") ? TemplateFormat::stats
                                : json                  ? TemplateFormat::json
                                                        : TemplateFormat::yaml;
  const auto converted = convert_project(session, options, format);
  if (!converted) {
    return converted.error();
  }
  if (options.is_set("quiet")) {
    return ExitCode::ok;
  }
  const auto path = options.value("output");
  if (!path) {
    session.print(converted->text);
    return ExitCode::ok;
  }
  if (const auto written =
          util::write_file_atomically(session.absolute(*path), converted->text, 0644);
      !written) {
    return session.fail("cannot write " + *path + ": " + written.error().message);
  }
  return ExitCode::ok;
}

}  // namespace

Command compose_convert_command() {
  return {
      .name = "convert",
      .tier = Tier::project,
      .summary = "Convert the Compose file to a CloudFormation template",
      .details =
          "Needs no account and no network: what only an account knows comes in as parameters of the template. The "
          "same files give the same template.",
      .examples =
          "docker ecs compose convert > template.yaml\n"
          "docker ecs compose convert --format json --output template.json",
      .flags = {{.name = "format",
                 .kind = FlagKind::text,
                 .help = "Format of the template",
                 .default_value = "yaml",
                 .choices = {"yaml", "json"}},
                {.name = "output",
                 .shorthands = "o",
                 .kind = FlagKind::text,
                 .help = "Write to a file (default: standard output)",
                 .completion = Completion::files},
                {.name = "quiet", .shorthands = "q", .help = "Only check, print nothing"},
                {.name = "stats",
                 .help = "Print the template's size against CloudFormation's limits instead"}},
      .run = convert_command,
  };
}

}  // namespace cli
