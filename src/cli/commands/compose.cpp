#include "cli/commands/compose.hpp"

namespace cli {

Command compose_command() {
  using enum FlagKind;
  return {
      .name = "compose",
      .summary = "Deploy and operate a Compose application",
      .persistent_flags =
          {
              {.name = "file",
               .shorthands = "f",
               .kind = list,
               .help = "Compose configuration files",
               .completion = Completion::files},
              {.name = "project-name", .shorthands = "pn", .kind = text, .help = "Project name"},
              {.name = "project-directory",
               .shorthands = "w",
               .kind = text,
               .help = "Alternate working directory (default: the path of the first Compose file)",
               .aliases = {"workdir"},
               .completion = Completion::directories},
              {.name = "environment",
               .shorthands = "e",
               .kind = list,
               .help = "Set a variable for interpolation (NAME=value)"},
              {.name = "env-file",
               .kind = list,
               .help = "Alternate environment files",
               .completion = Completion::files},
              {.name = "profile", .kind = list, .help = "Profiles to enable"},
          },
      // Each is a function in a file of its own, compose_<name>.cpp.
      .children = {compose_check_command(),
                   compose_config_command(),
                   compose_convert_command(),
                   compose_down_command(),
                   compose_logs_command(),
                   compose_ps_command(),
                   compose_run_command(),
                   compose_up_command()},
  };
}

}  // namespace cli
