#include "util/file_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include <dirent.h>
#include <sys/stat.h>

namespace util {
namespace {

constexpr std::size_t kDeepest = 32;  // also what ends a loop of symbolic links

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

class TreeReader {
 public:
  TreeReader(std::uint64_t max_bytes, std::size_t max_files)
      : bytes_left_(max_bytes), files_left_(max_files) {}

  Result<void, FileError> read_file(const std::string& path, std::string name, bool executable) {
    if (files_left_ == 0) {
      return unexpected(file_error(EFBIG));
    }
    auto content = RealFileSystem(bytes_left_).read(path);
    if (!content) {
      return unexpected(std::move(content.error()));
    }
    bytes_left_ -= content->size();
    --files_left_;
    files_.push_back({std::move(name), std::move(*content), executable});
    return {};
  }

  Result<void, FileError> read_folder(const std::string& path,
                                      const std::string& prefix,
                                      std::size_t depth) {
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
    if (folder == nullptr) {
      return unexpected(file_error(errno));
    }
    if (depth > kDeepest) {
      return unexpected(file_error(ELOOP));
    }
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") {
        continue;
      }
      if (auto done = read_entry(path + "/" + name, prefix + name, depth); !done) {
        return done;
      }
    }
    return {};
  }

  std::vector<TreeFile> take() {
    std::sort(files_.begin(), files_.end(), [](const TreeFile& a, const TreeFile& b) {
      return a.path < b.path;
    });
    return std::move(files_);
  }

 private:
  Result<void, FileError> read_entry(const std::string& path,
                                     const std::string& name,
                                     std::size_t depth) {
    struct ::stat status{};
    if (::stat(path.c_str(), &status) != 0) {
      return errno == ENOENT ? Result<void, FileError>{} : unexpected(file_error(errno));
    }
    if (S_ISDIR(status.st_mode)) {
      return read_folder(path, name + "/", depth + 1);
    }
    return S_ISREG(status.st_mode) ? read_file(path, name, (status.st_mode & S_IXUSR) != 0)
                                   : Result<void, FileError>{};
  }

  std::uint64_t bytes_left_;
  std::size_t files_left_;
  std::vector<TreeFile> files_;
};

}  // namespace

Result<FileTree, FileError> read_tree(const std::string& path,
                                      std::uint64_t max_bytes,
                                      std::size_t max_files) {
  struct ::stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return unexpected(file_error(errno));
  }
  TreeReader reader(max_bytes, max_files);
  const bool folder = S_ISDIR(status.st_mode);
  if (!folder && !S_ISREG(status.st_mode)) {
    return FileTree{FileKind::other, {}};
  }
  const auto done = folder ? reader.read_folder(path, "", 0)
                           : reader.read_file(path, "", (status.st_mode & S_IXUSR) != 0);
  if (!done) {
    return unexpected(done.error());
  }
  return FileTree{folder ? FileKind::directory : FileKind::regular, reader.take()};
}

}  // namespace util
