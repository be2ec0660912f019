#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "util/result.hpp"

namespace local::daemon {

// The system's reason, in lower case ("permission denied").
using FileProblem = std::string;

// Makes `path` and its parents; the last one with mode 0700. Existing directories are left as they
// are.
util::Result<void, FileProblem> make_private_directory(const std::string& path);

// Replaces `path` in one step: a reader sees the old content or the new. Mode 0600.
util::Result<void, FileProblem> write_private_file(const std::string& path,
                                                   std::string_view content);

// Nothing when it cannot be read; at most 1 MiB.
std::optional<std::string> read_small_file(const std::string& path);

}  // namespace local::daemon
