#pragma once

#include "cli/command.hpp"

namespace cli {

// docker ecs completion bash|zsh|fish: scripts for the program run alone. As a plugin, docker's own
// completion asks it.
Command completion_command();

}  // namespace cli
