#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.hpp"

namespace cli {

class Options;
class Session;

// What a command needs before it can run; the application provides exactly that.
enum class Tier : std::uint8_t {
  plain,    // nothing: version, completion
  project,  // Compose files: convert
  cloud,  // an endpoint: the current context must name one (Session::target() is then safe to call)
  daemon,  // the local engine itself
};

enum class FlagKind : std::uint8_t { boolean, text, list, number };

// What may stand in a place, for shell completion.
enum class Completion : std::uint8_t {
  nothing,
  files,
  directories,
  contexts,
  services,
  secrets,
  profiles,
  regions,
};

enum class Visibility : std::uint8_t { shown, hidden };

// One row of a command's flag table. All texts are literals.
struct Flag {
  std::string_view name;             // long name without dashes; also the key in Options
  std::string_view shorthands = {};  // each character is a short form; help shows the first
  FlagKind kind = FlagKind::boolean;
  std::string_view help = {};
  std::string_view default_value = {};  // what Options gives when the flag is absent; shown in help
  std::string_view type_name = {};      // shown in help instead of string, stringArray, int
  std::vector<std::string_view> choices = {};  // the only values accepted; empty = any
  std::vector<std::string_view> aliases = {};  // further long names, not shown in help
  Completion completion = Completion::nothing;
  Visibility visibility = Visibility::shown;
};

inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

struct Positionals {
  std::size_t at_least = 0;
  std::size_t at_most = 0;
  Completion completion = Completion::nothing;
  bool flags_end =
      false;  // the first argument ends the flags: the rest is a command line of its own
};

// A row of the command table. A group has children and no `run`; a command has `run` and no
// children.
struct Command {
  std::string_view name;
  std::vector<std::string_view> aliases = {};
  Tier tier = Tier::plain;
  std::string_view arguments = {};  // "NAME [FILE]", as the usage line shows them
  std::string_view summary = {};    // one line, no period
  std::string_view details = {};    // further paragraphs of the help; may be empty
  std::string_view examples = {};   // one command a line; "docker ecs" is written out
  std::vector<Flag> flags = {};
  std::vector<Flag> persistent_flags = {};  // also accepted by everything below
  Positionals positionals = {};
  std::vector<Command> children = {};
  ExitCode (*run)(Session&, const Options&) = nullptr;
  Visibility visibility = Visibility::shown;
};

// The command or alias `word` below `group`; null when there is none.
const Command* find_child(const Command& group, std::string_view word);

// From the root to the command itself.
using CommandPath = std::vector<const Command*>;

// The flag a word names at the end of `path`: the command's own flags first, then persistent flags
// from the nearest group outwards. Null when there is none.
const Flag* find_flag(const CommandPath& path, std::string_view long_name);
const Flag* find_shorthand(const CommandPath& path, char shorthand);

// Every visible flag name at the end of `path`, own flags first.
std::vector<const Flag*> reachable_flags(const CommandPath& path);

// "docker ecs compose up"; `program` is "docker ecs" or "docker-ecs".
std::string path_text(std::string_view program, const CommandPath& path);

}  // namespace cli
