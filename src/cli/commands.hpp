#pragma once

#include "cli/command.hpp"

namespace cli {

// The one table of everything the program can be asked to do. Each command is a function in
// cli/commands/ that returns its row; the rows are listed in commands.cpp.
const Command& command_table();

}  // namespace cli
