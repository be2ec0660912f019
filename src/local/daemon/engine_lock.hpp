#pragma once

#include <optional>
#include <string>

#include "util/result.hpp"

namespace local::daemon {

// One engine per state directory: an exclusive record lock on engine.lock, held for the life of the
// process and dropped by the kernel however it ends. The kernel knows the holder, so a stale
// process id cannot mislead.
class EngineLock {
 public:
  struct Failure {
    bool held_by_other = false;
    std::string reason;  // the system's, when not held by another
  };

  static util::Result<EngineLock, Failure> take(const std::string& path);
  EngineLock(EngineLock&& other) noexcept;
  EngineLock& operator=(EngineLock&&) = delete;
  EngineLock(const EngineLock&) = delete;
  EngineLock& operator=(const EngineLock&) = delete;
  ~EngineLock();

  // The process that holds the lock of that file; nothing when nobody does.
  static std::optional<int> holder(const std::string& path);

 private:
  explicit EngineLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace local::daemon
