#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "util/result.hpp"

namespace util {

// Why a file could not be read, in the system's words ("no such file or directory", as strerror(3)
// in lower case).
struct FileError {
  int code = 0;  // errno
  std::string message;
};

enum class FileKind : std::uint8_t { regular, directory, other };

// What code that only reads may do to a disk. Paths are taken as they are; relative ones are the
// process's.
class ReadOnlyFileSystem {
 public:
  ReadOnlyFileSystem() = default;
  ReadOnlyFileSystem(const ReadOnlyFileSystem&) = delete;
  ReadOnlyFileSystem& operator=(const ReadOnlyFileSystem&) = delete;
  virtual ~ReadOnlyFileSystem() = default;

  [[nodiscard]] virtual Result<std::string, FileError> read(const std::string& path) const = 0;
  // Follows symbolic links.
  [[nodiscard]] virtual Result<FileKind, FileError> stat(const std::string& path) const = 0;
  // What the last component of `path` points to when it is a symbolic link; nothing otherwise.
  [[nodiscard]] virtual std::optional<std::string> read_link(const std::string& path) const = 0;
};

class RealFileSystem final : public ReadOnlyFileSystem {
 public:
  // Files longer than `max_bytes` are refused (EFBIG), so that a wrong name cannot fill the memory.
  explicit RealFileSystem(std::uint64_t max_bytes = std::uint64_t{128} << 20U)
      : max_bytes_(max_bytes) {}

  [[nodiscard]] Result<std::string, FileError> read(const std::string& path) const override;
  [[nodiscard]] Result<FileKind, FileError> stat(const std::string& path) const override;
  [[nodiscard]] std::optional<std::string> read_link(const std::string& path) const override;

 private:
  std::uint64_t max_bytes_;
};

FileError file_error(int code);

}  // namespace util
