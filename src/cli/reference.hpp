#pragma once

#include <string>

#include "cli/command.hpp"

namespace cli {

// docs/cli.md: every shown command's help, in the order of the table.
std::string reference_text(const Command& root);

}  // namespace cli
