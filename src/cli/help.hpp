#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "cli/options.hpp"

namespace cli {

// The help of the command at the end of `path` in Docker's layout, wrapped to `columns`.
std::string help_text(std::string_view program, const CommandPath& path, int columns);

// "docker ecs compose [OPTIONS] COMMAND"
std::string usage_line(std::string_view program, const CommandPath& path);

// What Docker's CLI prints for a command line it cannot run.
std::string usage_error_text(std::string_view program, const UsageError& error);

// `text` in lines of at most `width` bytes, broken at spaces; existing line breaks stay.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace cli
