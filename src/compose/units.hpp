#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.hpp"

// The small grammars inside Compose values. Errors are sentences.
namespace compose {

// "512m", "1.5 GiB", "-1": bytes.
util::Result<std::int64_t, std::string> parse_bytes(std::string_view text);

// "1m30s", "1.5h", "2d": nanoseconds.
util::Result<std::int64_t, std::string> parse_duration(std::string_view text);
// 1m30s, 500ms, 24h0m0s, 0s.
std::string duration_text(std::int64_t nanoseconds);

struct CommandLine {
  std::vector<std::string> words;
  // Where an unquoted ; & | < > ended the command and hid the rest of the text; npos when nothing
  // did.
  std::size_t cut = std::string_view::npos;
};

// Splits as a shell would, without expanding anything.
util::Result<CommandLine, std::string> split_command(std::string_view text);

}  // namespace compose
