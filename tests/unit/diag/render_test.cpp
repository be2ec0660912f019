#include "diag/render.hpp"

#include <doctest/doctest.h>

TEST_CASE("a diagnostic shows place, line, caret and help") {
  diag::SourceMap sources;
  const diag::FileId file = sources.add("compose.yaml", "services:\n  web:\n    prots: []\n");
  const diag::Diagnostic d{.severity = diag::Severity::error,
                           .code = "compose.unknown-key",
                           .message = "unknown key `prots`",
                           .span = diag::Span{file, 21, 26},
                           .labels = {},
                           .help = "did you mean `ports`?"};
  CHECK(diag::render_text(d, sources, diag::Colour::never) ==
        "compose.yaml:3:5: error: unknown key `prots` [compose.unknown-key]\n"
        "  3 |     prots: []\n"
        "    |     ^^^^^\n"
        "help: did you mean `ports`?\n");
}
