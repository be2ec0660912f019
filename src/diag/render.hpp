#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diag/diagnostic.hpp"
#include "diag/source_map.hpp"

namespace diag {

enum class Colour : std::uint8_t { never, always };

// One diagnostic as a user reads it:
//
//   compose.yaml:3:5: error: unknown key `prots` [compose.unknown-key]
//     3 |     prots:
//       |     ^^^^^
//   compose.yaml:9:5: note: first defined here
//   help: did you mean `ports`?
std::string render_text(const Diagnostic& diagnostic, const SourceMap& sources, Colour colour);

// All of them, sorted by file and position (those without a place last), each once.
std::string render_text(std::vector<Diagnostic> diagnostics,
                        const SourceMap& sources,
                        Colour colour);

}  // namespace diag
