#include "local/daemon/engine_lock.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "util/file_system.hpp"

namespace local::daemon {

namespace {

struct flock whole_file() {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

util::Result<EngineLock, EngineLock::Failure> EngineLock::take(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return util::unexpected(Failure{false, util::file_error(errno).message});
  }
  EngineLock lock(fd);
  struct flock request = whole_file();
  if (::fcntl(fd, F_SETLK, &request) != 0) {
    const bool held = errno == EACCES || errno == EAGAIN;
    return util::unexpected(Failure{held, held ? std::string() : util::file_error(errno).message});
  }
  return lock;
}

EngineLock::EngineLock(EngineLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

EngineLock::~EngineLock() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

std::optional<int> EngineLock::holder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    return std::nullopt;
  }
  struct flock request = whole_file();
  const int answer = ::fcntl(fd, F_GETLK, &request);
  ::close(fd);
  if (answer != 0 || request.l_type == F_UNLCK) {
    return std::nullopt;
  }
  return request.l_pid;
}

}  // namespace local::daemon
