#pragma once

#include "cli/command.hpp"

namespace cli {

Command compose_command();

}  // namespace cli
