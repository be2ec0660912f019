#pragma once

#include "cli/command.hpp"

namespace cli {

Command setup_command();

}  // namespace cli
