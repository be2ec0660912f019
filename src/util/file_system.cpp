#include "util/file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/strings.hpp"

namespace util {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  ~OpenFile() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

FileError file_error(int code) {
  std::string message = std::strerror(code);  // glibc's is safe for known codes
  if (!message.empty()) {
    message.front() = to_lower(message.substr(0, 1)).front();
  }
  return FileError{code, std::move(message)};
}

Result<std::string, FileError> RealFileSystem::read(const std::string& path) const {
  const OpenFile file(path);
  if (file.fd() < 0) {
    return unexpected(file_error(errno));
  }
  struct ::stat status{};
  if (::fstat(file.fd(), &status) != 0) {
    return unexpected(file_error(errno));
  }
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) > max_bytes_) {
    return unexpected(file_error(EFBIG));
  }
  std::string text;
  std::size_t used = 0;
  // One byte more than the size, so that the end is seen without growing.
  text.resize(S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) + 1 : 65536);
  while (true) {
    if (used > max_bytes_) {
      return unexpected(file_error(EFBIG));
    }
    if (used == text.size()) {
      text.resize(std::min(text.size() * 2, static_cast<std::size_t>(max_bytes_) + 1));
    }
    const ssize_t got = ::read(file.fd(), text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return unexpected(file_error(errno));
    }
    if (got == 0) {
      text.resize(used);
      return text;
    }
    used += static_cast<std::size_t>(got);
  }
}

Result<FileKind, FileError> RealFileSystem::stat(const std::string& path) const {
  struct ::stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return unexpected(file_error(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return FileKind::directory;
  }
  return S_ISREG(status.st_mode) ? FileKind::regular : FileKind::other;
}

std::optional<std::string> RealFileSystem::read_link(const std::string& path) const {
  char target[PATH_MAX];
  const ssize_t length = ::readlink(path.c_str(), target, sizeof target);
  if (length < 0) {
    return std::nullopt;
  }
  return std::string(target, static_cast<std::size_t>(length));
}

}  // namespace util
