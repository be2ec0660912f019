#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compose/problems.hpp"
#include "doc/node.hpp"
#include "util/file_system.hpp"

namespace compose {

struct PathContext {
  std::string base;                 // what relative paths are relative to
  std::optional<std::string> home;  // for `~`
  const util::ReadOnlyFileSystem* files = nullptr;
};

// Joins the relative paths of a canonical document to `base`.
void resolve_paths(doc::Node& root, const PathContext& context, Problems& problems);

bool is_windows_absolute(std::string_view path);

}  // namespace compose
