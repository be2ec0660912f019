#include "util/file_path.hpp"

#include <vector>

namespace util {
namespace {

std::vector<std::string_view> path_parts(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (const std::string_view part = path.substr(0, slash); !part.empty()) {
      out.push_back(part);
    }
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return out;
}

std::string join_parts(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const std::string_view part : parts) {
    out += out.empty() ? "" : "/";
    out += part;
  }
  return out;
}

}  // namespace

std::string clean_path(std::string_view path) {
  const bool absolute = is_absolute_path(path);
  std::vector<std::string_view> kept;
  for (const std::string_view part : path_parts(path)) {
    if (part == ".") {
      continue;
    }
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!absolute) {
      kept.push_back(part);
    }
  }
  const std::string joined = join_parts(kept);
  if (absolute) {
    return "/" + joined;
  }
  return joined.empty() ? "." : joined;
}

std::string join_path(std::string_view directory, std::string_view path) {
  if (directory.empty()) {
    return path.empty() ? std::string() : clean_path(path);
  }
  return clean_path(path.empty() ? std::string(directory)
                                 : std::string(directory) + "/" + std::string(path));
}

std::string absolute_path(std::string_view directory, std::string_view path) {
  return is_absolute_path(path) ? clean_path(path) : join_path(directory, path);
}

std::string parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : clean_path(path.substr(0, slash + 1));
}

std::string base_name(std::string_view path) {
  if (path.empty()) {
    return ".";
  }
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos || path.size() == 1 ? path
                                                                         : path.substr(slash + 1));
}

std::string relative_path(std::string_view base, std::string_view target) {
  const std::string from = clean_path(base);
  const std::string to = clean_path(target);
  if (from == to) {
    return ".";
  }
  const std::vector<std::string_view> a =
      from == "." ? std::vector<std::string_view>{} : path_parts(from);
  const std::vector<std::string_view> b = path_parts(to);
  if (is_absolute_path(from) != is_absolute_path(to)) {
    return to;
  }
  std::size_t common = 0;
  while (common < a.size() && common < b.size() && a[common] == b[common]) {
    ++common;
  }
  std::vector<std::string_view> out;
  for (std::size_t i = common; i < a.size(); ++i) {
    if (a[i] == "..") {
      return to;
    }
    out.emplace_back("..");
  }
  out.insert(out.end(), b.begin() + static_cast<std::ptrdiff_t>(common), b.end());
  return join_parts(out);
}

}  // namespace util
