#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "util/clock.hpp"

namespace local::daemon {

// The engine's own log: one line an event, with its time. At `limit` bytes the file becomes
// <path>.1 (which replaces the one before) and a new one is begun. Safe from any thread; a full
// disk loses lines, nothing else.
class LogFile {
 public:
  LogFile(std::string path,
          const util::Clock& clock,
          std::uint64_t limit = std::uint64_t{5} << 20U);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  void line(std::string_view text);
  // Standard output and error go to the file too (assertions, sanitizers), also after a rotation.
  void capture_standard_streams();

 private:
  void open();

  const std::string path_;
  const util::Clock& clock_;
  const std::uint64_t limit_;
  std::mutex mutex_;  // guards everything below
  int fd_ = -1;
  std::uint64_t size_ = 0;
  bool captures_ = false;
};

// "2026-01-02T03:04:05.678Z"
std::string iso8601(util::Clock::TimePoint time);

}  // namespace local::daemon
