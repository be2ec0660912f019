#pragma once

#include <string>
#include <string_view>

#include "compose/environment.hpp"
#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Replaces the variables in every string value below `root`, then converts the strings that stand
// where a number or a boolean belongs. Stops at the first error.
void interpolate(doc::Node& root, const Environment& environment, Problems& problems);

// The same for one string outside of a document; `where` is its place in messages.
std::string interpolate_text(std::string_view text,
                             std::string_view where,
                             const Environment& environment,
                             Problems& problems);

}  // namespace compose
