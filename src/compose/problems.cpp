#include "compose/problems.hpp"

#include <utility>

namespace compose {

void Problems::report(diag::Diagnostic diagnostic) {
  errors_ += diagnostic.severity == diag::Severity::error ? 1 : 0;
  sink_.report(std::move(diagnostic));
}

void Problems::error(std::string_view code,
                     std::string message,
                     std::optional<diag::Span> span,
                     std::string help) {
  report({diag::Severity::error, code, std::move(message), span, {}, std::move(help)});
}

void Problems::warning(std::string_view code,
                       std::string message,
                       std::optional<diag::Span> span,
                       std::string help) {
  report({diag::Severity::warning, code, std::move(message), span, {}, std::move(help)});
}

void Problems::stop(std::string_view code,
                    std::string message,
                    std::optional<diag::Span> span,
                    std::string help) {
  error(code, std::move(message), span, std::move(help));
  throw Stop{};
}

std::optional<diag::Span> known(const diag::Span& span) {
  return span.file.value == 0 ? std::nullopt : std::optional(span);
}

}  // namespace compose
