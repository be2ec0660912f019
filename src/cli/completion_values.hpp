#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"

namespace cli {

// cobra's shell directives: what else the shell may offer.
enum class Directive : std::uint8_t { files = 0, nothing_else = 4, directories = 16 };

struct Candidates {
  std::vector<std::pair<std::string, std::string>> words;  // word, description
  Directive directive = Directive::nothing_else;
};

// What may stand in a place of this kind. `options` is what the line says so far. Never starts the
// local engine; trouble makes the list empty.
Candidates candidates_of(const Session& session, const Options& options, Completion kind);

}  // namespace cli
