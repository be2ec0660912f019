#pragma once

#include <cstdint>

namespace cli {

// What the process tells its parent. docs/exit-codes.md is the users' copy of this table; 14, 15,
// 16 and 130 are the numbers Docker Compose uses for the same things.
enum class ExitCode : std::uint8_t {
  ok = 0,
  failure = 1,          // the command ran and did not succeed
  findings = 3,         // a check command found problems
  file_not_found = 14,  // a file named on the command line, or the Compose file, does not exist
  invalid_file = 15,    // the Compose file (or another input file) is not valid
  usage = 16,           // unknown command or flag, wrong number of arguments
  interrupted = 130,    // cancelled by a signal or by docker itself
};

}  // namespace cli
