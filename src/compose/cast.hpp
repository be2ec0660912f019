#pragma once

#include <string>
#include <string_view>

#include "compose/problems.hpp"
#include "compose/rules.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace compose {

// A string as the number or boolean that its place wants. `yes`, `on` and so on are booleans with a
// warning. The error is the reason as a sentence.
util::Result<doc::Node::Value, std::string> cast_text(std::string_view text,
                                                      Cast cast,
                                                      const diag::Span& span,
                                                      Problems& problems);

}  // namespace compose
