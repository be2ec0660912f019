#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compose/problems.hpp"

namespace compose {

// Whether a file is named by where it is on a network: a git repository, an OCI artifact, a URL.
bool is_remote_file(std::string_view path);

// Reports and stops when a file that is to be read is a remote one. `what` is how the file was
// asked for: "include", "extends", "file".
void refuse_remote_file(std::string_view what,
                        std::string_view path,
                        Problems& problems,
                        std::optional<diag::Span> span = {});

}  // namespace compose
