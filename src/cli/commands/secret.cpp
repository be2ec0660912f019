#include "cli/commands/secret.hpp"

namespace cli {

Command secret_command() {
  return {
      .name = "secret",
      .summary = "Manage secrets",
      .details =
          "Secrets live in AWS Secrets Manager (or the local engine's) and are named by "
          "their ARN in Compose files: x-aws-pull_credentials for private registries, "
          "secrets for applications. No command shows a secret's value.",
      .children = {secret_create_command(),
                   secret_inspect_command(),
                   secret_list_command(),
                   secret_delete_command()},
  };
}

}  // namespace cli
