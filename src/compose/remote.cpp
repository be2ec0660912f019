#include "compose/remote.hpp"

#include "util/strings.hpp"

namespace compose {

bool is_remote_file(std::string_view path) {
  const std::size_t scheme = path.find("://");
  const bool has_scheme = scheme != std::string_view::npos && scheme > 0 &&
                          path.substr(0, scheme).find('/') == std::string_view::npos;
  return has_scheme || path.starts_with("git@") || path.starts_with("github.com/");
}

void refuse_remote_file(std::string_view what,
                        std::string_view path,
                        Problems& problems,
                        std::optional<diag::Span> span) {
  if (!is_remote_file(path)) {
    return;
  }
  const bool artifact = path.starts_with("oci://");
  problems.stop("compose.remote-file",
                std::string(what) + " " + std::string(path) + ": remote files are not read",
                span,
                artifact
                    ? "save the artifact as a file (\"docker compose -f " + std::string(path) +
                          " config --output compose.yaml\") and name that file"
                    : "get a copy of it (git clone, git submodule, curl) and name the file in it");
}

}  // namespace compose
