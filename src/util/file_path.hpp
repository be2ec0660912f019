#pragma once

#include <string>
#include <string_view>

// Arithmetic on path names, without looking at a disk. '/' separates; the results are clean: no "."
// or "//", ".." only in front.
namespace util {

std::string clean_path(std::string_view path);
// Both parts joined and cleaned, also when `path` is absolute; an empty part is left out.
std::string join_path(std::string_view directory, std::string_view path);
// `path` itself when absolute, else below `directory`.
std::string absolute_path(std::string_view directory, std::string_view path);
std::string parent_path(std::string_view path);
std::string base_name(std::string_view path);
// How to get from `base` to `target`, both clean and both absolute or both relative; `target` when
// there is no way.
std::string relative_path(std::string_view base, std::string_view target);

inline bool is_absolute_path(std::string_view path) {
  return path.starts_with('/');
}

}  // namespace util
