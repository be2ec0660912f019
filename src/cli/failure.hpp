#pragma once

#include <string>

namespace cli {

// Why something did not work, for the user: what happened, and what to do about it (may be empty).
struct Failure {
  std::string message;
  std::string help;
};

}  // namespace cli
