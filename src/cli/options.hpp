#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "util/result.hpp"

namespace cli {

// What a command line said. Asking for a flag the command's table does not have is a bug and
// aborts.
class Options {
 public:
  Options() = default;

  explicit Options(CommandPath path) : path_(std::move(path)) {}

  [[nodiscard]] bool given(std::string_view flag) const;
  [[nodiscard]] bool is_set(std::string_view flag) const;  // boolean flags
  // Text and number flags: the last value given, else the flag's default (possibly "").
  [[nodiscard]] std::string text(std::string_view flag) const;
  // The last value given; nothing when the flag is absent.
  [[nodiscard]] std::optional<std::string> value(std::string_view flag) const;
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view flag) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view flag) const;

  // The same command line as its group sees it: the group's flag where the command has one of the
  // same name.
  [[nodiscard]] Options of_group() const;

  [[nodiscard]] const std::vector<std::string>& arguments() const { return arguments_; }

  [[nodiscard]] const CommandPath& path() const { return path_; }

  // For the parser.
  void set_path(CommandPath path) { path_ = std::move(path); }

  void add(const Flag& flag, std::string value) { values_.emplace_back(&flag, std::move(value)); }

  void add_argument(std::string argument) { arguments_.push_back(std::move(argument)); }

 private:
  [[nodiscard]] const Flag& declared(std::string_view flag) const;

  CommandPath path_;
  std::vector<std::pair<const Flag*, std::string>> values_;
  std::vector<std::string> arguments_;
};

struct Invocation {
  Options options;  // its path() ends with the command to run
  bool help = false;
  bool version = false;
};

// A command line that cannot be run: what to say, and at which command the usage applies.
struct UsageError {
  enum class Kind : std::uint8_t { flag, unknown_command, argument_count };
  Kind kind = Kind::flag;
  std::string message;     // the unknown word itself for unknown_command
  std::string suggestion;  // "Did you mean …?" or empty
  CommandPath path;
};

// Parses the words after the program's name (and after the plugin word `ecs`), the way Docker's own
// CLI does: flags of a group before or after the command, `-f a -f b`, `-fa`, `-f=a`, `--x=v`, `--x
// v`, bundled shorthands, `--` ends flags.
util::Result<Invocation, UsageError> parse(const Command& root,
                                           const std::vector<std::string>& words);

}  // namespace cli
