#include "cli/commands.hpp"

#include "cli/commands/completion.hpp"
#include "cli/commands/compose.hpp"
#include "cli/commands/local.hpp"
#include "cli/commands/secret.hpp"
#include "cli/commands/setup.hpp"
#include "cli/commands/version.hpp"
#include "cli/globals.hpp"

namespace cli {

const Command& command_table() {
  static const Command root{
      .name = "ecs",
      .summary = "Run Compose applications on Amazon ECS, or on this machine",
      .details =
          "A context made by \"docker ecs setup\" deploys to an AWS account; any other "
          "context runs the same CloudFormation template on the embedded local engine.",
      .examples =
          "docker ecs compose up\n"
          "docker ecs compose ps\n"
          "docker --context aws ecs compose up",
      .persistent_flags = global_flags(),
      .children =
          {
              completion_command(),
              compose_command(),
              local_command(),
              secret_command(),
              setup_command(),
              version_command(),
          },
  };
  return root;
}

}  // namespace cli
