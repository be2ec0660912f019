#include "local/daemon/log_file.hpp"

#include <cstdio>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/strings.hpp"

namespace local::daemon {

std::string iso8601(util::Clock::TimePoint time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t seconds = whole.time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char millis[8];
  std::snprintf(millis, sizeof millis, ".%03dZ", static_cast<int>((time - whole).count()));
  return std::string(text, length) + millis;
}

LogFile::LogFile(std::string path, const util::Clock& clock, std::uint64_t limit)
    : path_(std::move(path)), clock_(clock), limit_(limit) {
  open();
}

LogFile::~LogFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void LogFile::open() {
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat info{};
  size_ = fd_ >= 0 && ::fstat(fd_, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  if (captures_ && fd_ >= 0) {
    ::dup2(fd_, STDOUT_FILENO);
    ::dup2(fd_, STDERR_FILENO);
  }
}

void LogFile::capture_standard_streams() {
  const std::lock_guard lock(mutex_);
  captures_ = true;
  if (fd_ >= 0) {
    ::dup2(fd_, STDOUT_FILENO);
    ::dup2(fd_, STDERR_FILENO);
  }
}

void LogFile::line(std::string_view text) {
  // One event stays one line whatever it quotes.
  const std::string entry =
      iso8601(clock_.now()) + " " + util::replace_all(text, "\n", "\\n") + "\n";
  const std::lock_guard lock(mutex_);
  if (size_ + entry.size() > limit_ && fd_ >= 0) {
    ::close(fd_);
    static_cast<void>(std::rename(path_.c_str(), (path_ + ".1").c_str()));
    open();
  }
  if (fd_ >= 0 && ::write(fd_, entry.data(), entry.size()) > 0) {
    size_ += entry.size();
  }
}

}  // namespace local::daemon
