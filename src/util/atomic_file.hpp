#pragma once

#include <string>
#include <string_view>

#include "util/file_system.hpp"
#include "util/result.hpp"

namespace util {

// Replaces the file at `path` by `text`, durably: readers see the old bytes or the new ones, also
// after a power cut. The new file has exactly the permission bits `mode`. A symbolic link is
// followed, so that the link stays.
Result<void, FileError> write_file_atomically(const std::string& path,
                                              std::string_view text,
                                              unsigned mode);

// Creates `path` and what is missing above it. Existing directories keep their mode.
Result<void, FileError> make_directories(const std::string& path, unsigned mode);

}  // namespace util
