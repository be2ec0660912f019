#pragma once

#include <string>
#include <string_view>

#include "doc/node.hpp"
#include "util/result.hpp"

namespace compose {

// The short form of a mount, `[source:]target[:options]`, as the mapping of its long form. The
// error is a sentence.
util::Result<doc::Node, std::string> parse_volume(std::string_view spec);
// Only the target of it.
util::Result<std::string, std::string> volume_target(std::string_view spec);

// path.Clean, but nothing stays nothing.
std::string clean_target(std::string_view target);

}  // namespace compose
