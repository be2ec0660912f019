#pragma once

#include <string>
#include <string_view>

#include "doc/node.hpp"
#include "util/result.hpp"

namespace local::stacks {

// A template body as a document: JSON when it begins with '{', else YAML. The error is
// CloudFormation's text
// ("Template format error: JSON not well-formed. (line 1, column 25)").
util::Result<doc::Node, std::string> read_template_text(std::string_view body);

}  // namespace local::stacks
