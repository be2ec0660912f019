#pragma once

#include "cli/command.hpp"

namespace cli {

Command local_command();

}  // namespace cli
