#include "local/daemon/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file_system.hpp"

namespace local::daemon {

namespace {

constexpr std::size_t kSmallFile = 1U << 20U;

util::unexpected<FileProblem> problem() {
  return util::unexpected(util::file_error(errno).message);
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

util::Result<void, FileProblem> make_private_directory(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (::mkdir(path.substr(0, slash).c_str(), 0755) != 0 && errno != EEXIST) {
      return problem();
    }
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return problem();
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return problem();
  }
  if (!S_ISDIR(info.st_mode)) {
    errno = ENOTDIR;
    return problem();
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return problem();
  }
  return {};
}

util::Result<void, FileProblem> write_private_file(const std::string& path,
                                                   std::string_view content) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return problem();
  }
  const bool written = write_all(fd, content) && ::fsync(fd) == 0;
  const int reason = errno;
  ::close(fd);
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    errno = written ? errno : reason;
    const auto result = problem();
    ::unlink(temporary.c_str());
    return result;
  }
  return {};
}

std::optional<std::string> read_small_file(const std::string& path) {
  auto content = util::RealFileSystem(kSmallFile).read(path);
  return content ? std::optional(std::move(*content)) : std::nullopt;
}

}  // namespace local::daemon
