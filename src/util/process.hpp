#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.hpp"

namespace util {

struct ProcessResult {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

// Runs a program (searched on PATH, no shell) with an empty standard input and waits for it. Output
// beyond 16 MiB ends it. The error says why it could not run or finish; an exit code other than 0
// is not an error here.
Result<ProcessResult, std::string> run_process(const std::vector<std::string>& argv,
                                               std::chrono::milliseconds timeout);

// Words of a command line as a POSIX shell would split it: quotes and backslashes, no expansions.
// The error says what is not closed.
Result<std::vector<std::string>, std::string> split_command(std::string_view line);

}  // namespace util
