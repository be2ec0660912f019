#include "util/atomic_file.hpp"

#include <cerrno>
#include <climits>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace util {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// The rename itself must survive a power cut, too; a file system that cannot sync directories is
// left at that.
void sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
}

}  // namespace

Result<void, FileError> write_file_atomically(const std::string& path,
                                              std::string_view text,
                                              unsigned mode) {
  std::string target = path;
  if (char* resolved = ::realpath(path.c_str(), nullptr)) {
    target = resolved;
    ::free(resolved);
  }
  std::string pattern = target + ".XXXXXX";
  const int fd = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (fd < 0) {
    return unexpected(file_error(errno));
  }
  bool done = ::fchmod(fd, mode) == 0 && write_all(fd, text) && ::fsync(fd) == 0;
  int code = done ? 0 : errno;
  if (::close(fd) != 0 && done) {
    done = false;
    code = errno;
  }
  if (done && ::rename(pattern.c_str(), target.c_str()) != 0) {
    done = false;
    code = errno;
  }
  if (!done) {
    ::unlink(pattern.c_str());
    return unexpected(file_error(code));
  }
  sync_directory(parent_of(target));
  return {};
}

Result<void, FileError> make_directories(const std::string& path, unsigned mode) {
  if (path.empty() || path == "/" || ::mkdir(path.c_str(), mode) == 0) {
    return {};
  }
  if (errno == ENOENT) {
    if (auto above = make_directories(parent_of(path), mode); !above) {
      return above;
    }
    if (::mkdir(path.c_str(), mode) == 0) {
      return {};
    }
  }
  struct stat found{};
  if (errno == EEXIST && ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
    return {};
  }
  return unexpected(file_error(errno));
}

}  // namespace util
