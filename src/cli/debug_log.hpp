#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "cli/aws_service.hpp"
#include "cli/terminal.hpp"
#include "util/clock.hpp"
#include "util/file_system.hpp"

namespace cli {

// What --debug shows on stderr: lines that begin with "debug:", with the milliseconds since the
// start. Never the content of a file, nor what a request or its answer holds.
class DebugLog {
 public:
  DebugLog(Output& out, const util::Clock& clock) : out_(out), clock_(clock), start_(now()) {}

  // Safe to call from several threads.
  void line(std::string_view text);

  [[nodiscard]] util::Clock::TimePoint now() const { return clock_.now(); }

 private:
  Output& out_;
  const util::Clock& clock_;
  util::Clock::TimePoint start_;
  std::mutex mutex_;
};

// Tells every file that is read.
class LoggedFileSystem final : public util::ReadOnlyFileSystem {
 public:
  LoggedFileSystem(const util::ReadOnlyFileSystem& files, DebugLog& log)
      : files_(files), log_(log) {}

  [[nodiscard]] util::Result<std::string, util::FileError> read(
      const std::string& path) const override;

  [[nodiscard]] util::Result<util::FileKind, util::FileError> stat(
      const std::string& path) const override {
    return files_.stat(path);
  }

  [[nodiscard]] std::optional<std::string> read_link(const std::string& path) const override {
    return files_.read_link(path);
  }

 private:
  const util::ReadOnlyFileSystem& files_;
  DebugLog& log_;
};

// The same endpoint, telling every request, how it ended and how long it took.
std::unique_ptr<AwsService> logged(std::unique_ptr<AwsService> service, DebugLog& log);

}  // namespace cli
