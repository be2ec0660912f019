#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "diag/diagnostic.hpp"

namespace compose {

// Thrown inside the loader after an error was reported that makes going on pointless; load()
// catches it.
struct Stop {};

// What the phases say to the user. `message` is compose-go's own sentence wherever it has one.
class Problems {
 public:
  explicit Problems(diag::Sink& sink) : sink_(sink) {}

  void error(std::string_view code,
             std::string message,
             std::optional<diag::Span> span = {},
             std::string help = {});
  void warning(std::string_view code,
               std::string message,
               std::optional<diag::Span> span = {},
               std::string help = {});
  void report(diag::Diagnostic diagnostic);
  [[noreturn]] void stop(std::string_view code,
                         std::string message,
                         std::optional<diag::Span> span = {},
                         std::string help = {});

  [[nodiscard]] bool failed() const { return errors_ > 0; }

  // Ends the load when something is wrong already.
  void stop_if_failed() const {
    if (failed()) {
      throw Stop{};
    }
  }

 private:
  diag::Sink& sink_;
  int errors_ = 0;
};

// A span that was written somewhere, or nothing.
std::optional<diag::Span> known(const diag::Span& span);

}  // namespace compose
