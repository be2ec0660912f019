#pragma once

#include "cli/command.hpp"

namespace cli {

Command version_command();

}  // namespace cli
