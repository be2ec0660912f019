#pragma once

#include <string>
#include <vector>

#include "cli/application.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"

namespace cli {

// True for `__complete …` and `__completeNoDesc …`, the hidden commands of cobra's shell scripts.
bool is_completion_request(const std::vector<std::string>& words);

// Answers one: "word\tdescription" lines, then ":<directive>". Never fails: an empty list is the
// answer to trouble.
ExitCode complete(const ApplicationParts& parts,
                  const Command& root,
                  const std::vector<std::string>& words);

}  // namespace cli
