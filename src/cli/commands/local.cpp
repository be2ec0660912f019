#include "cli/commands/local.hpp"

namespace cli {

Command local_command() {
  return {
      .name = "local",
      .summary = "Control the local engine",
      // Each is a function in a file of its own, local_<name>.cpp.
      .children = {},
  };
}

}  // namespace cli
