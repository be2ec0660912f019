#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/file_system.hpp"

namespace cli {

struct ApplicationParts {
  Output& out;
  Output& err;
  Input& in;
  const util::Environment& environment;
  const util::ReadOnlyFileSystem& files;
  const util::Clock& clock;
  std::string working_directory;
  OpenService open_service;
};

// Runs the command line `words` (without argv[0]): finds the command, prepares what its tier needs,
// runs it.
ExitCode run(const ApplicationParts& parts, std::vector<std::string> words);

}  // namespace cli
