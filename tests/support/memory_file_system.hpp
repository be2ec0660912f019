#pragma once

#include <cerrno>
#include <map>
#include <string>

#include "util/file_system.hpp"

namespace test {

// Files in memory, by absolute path. A directory exists when a file lies below it.
class MemoryFileSystem final : public util::ReadOnlyFileSystem {
 public:
  MemoryFileSystem() = default;

  explicit MemoryFileSystem(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  void put(const std::string& path, std::string text) { files_[path] = std::move(text); }

  void link(const std::string& path, std::string target) { links_[path] = std::move(target); }

  [[nodiscard]] util::Result<std::string, util::FileError> read(
      const std::string& path) const override {
    if (const auto at = files_.find(path); at != files_.end()) {
      return at->second;
    }
    return util::unexpected(util::file_error(is_directory(path) ? EISDIR : ENOENT));
  }

  [[nodiscard]] util::Result<util::FileKind, util::FileError> stat(
      const std::string& path) const override {
    if (files_.contains(path)) {
      return util::FileKind::regular;
    }
    if (is_directory(path)) {
      return util::FileKind::directory;
    }
    return util::unexpected(util::file_error(ENOENT));
  }

  [[nodiscard]] std::optional<std::string> read_link(const std::string& path) const override {
    const auto at = links_.find(path);
    return at == links_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  [[nodiscard]] bool is_directory(const std::string& path) const {
    const std::string prefix = path.ends_with('/') ? path : path + "/";
    const auto at = files_.lower_bound(prefix);
    return at != files_.end() && at->first.starts_with(prefix);
  }

  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> links_;
};

}  // namespace test
