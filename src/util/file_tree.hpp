#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "util/file_system.hpp"
#include "util/result.hpp"

namespace util {

struct TreeFile {
  std::string path;  // below the root of the tree, "/" between folders; empty: the root itself
  std::string content;
  bool executable = false;
};

// What is there at a path of a disk, with everything below.
struct FileTree {
  FileKind kind = FileKind::regular;
  std::vector<TreeFile> files;  // the regular ones, sorted by path
};

// Follows symbolic links. EFBIG as soon as the files have more than `max_bytes` in all or are more
// than `max_files`: a tree is read to be carried elsewhere as a whole.
Result<FileTree, FileError> read_tree(const std::string& path,
                                      std::uint64_t max_bytes,
                                      std::size_t max_files);

}  // namespace util
