#pragma once

#include "cli/command.hpp"

namespace cli {

// docker ecs secret create|inspect|list|delete: AWS Secrets Manager, or the local engine's. Never
// shows a value.
Command secret_command();
Command secret_create_command();
Command secret_inspect_command();
Command secret_list_command();
Command secret_delete_command();

}  // namespace cli
