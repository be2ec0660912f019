#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace local::daemon {

// Why an engine did not start, for the user: what happened, and what to do about it.
struct StartFailure {
  std::string message{};
  std::string help{};
  bool other_is_running =
      false;  // somebody else started one in the same instant; not a failure for the user
};

// What a starting engine tells its parent through the readiness pipe: one JSON line, then the pipe
// closes.
// `notices` are what the user should know although the engine is ready: damaged state that was set
// aside.
std::string ready_report(const std::vector<std::string>& notices);
std::string failure_report(const StartFailure& failure);

struct StartReport {
  std::optional<StartFailure> failure{};  // nothing: ready
  std::vector<std::string> notices{};
};

// An ill-formed report is a failure too (the engine died).
StartReport parse_report(std::string_view report);

}  // namespace local::daemon
