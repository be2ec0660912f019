#include "cli/options.hpp"

#include <algorithm>
#include <cstdlib>

#include "util/strings.hpp"

namespace cli {

const Flag& Options::declared(std::string_view flag) const {
  const Flag* found = find_flag(path_, flag);
  if (found == nullptr) {
    std::abort();
  }
  return *found;
}

bool Options::given(std::string_view flag) const {
  return value(flag).has_value();
}

bool Options::is_set(std::string_view flag) const {
  return value(flag).value_or(std::string(declared(flag).default_value)) == "true";
}

std::string Options::text(std::string_view flag) const {
  return value(flag).value_or(std::string(declared(flag).default_value));
}

std::optional<std::string> Options::value(std::string_view flag) const {
  const Flag* wanted = &declared(flag);
  for (auto entry = values_.rbegin(); entry != values_.rend(); ++entry) {
    if (entry->first == wanted) {
      return entry->second;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> Options::number(std::string_view flag) const {
  return util::parse_int(text(flag));
}

std::vector<std::string> Options::list(std::string_view flag) const {
  const Flag* wanted = &declared(flag);
  std::vector<std::string> values;
  for (const auto& [given_flag, value] : values_) {
    if (given_flag == wanted) {
      values.push_back(value);
    }
  }
  return values;
}

Options Options::of_group() const {
  Options group = *this;
  group.path_.pop_back();
  return group;
}

namespace {

using util::unexpected;
using Parsed = util::Result<void, UsageError>;

std::string shown_flag(const Flag& flag) {
  std::string text;
  if (!flag.shorthands.empty()) {
    text = std::string("-") + flag.shorthands.front() + ", ";
  }
  return text + "--" + std::string(flag.name);
}

// pflag's spellings of a boolean.
std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) {
      return false;
    }
  }
  return std::nullopt;
}

class Parser {
 public:
  Parser(const Command& root, const std::vector<std::string>& words) : words_(words) {
    path_.push_back(&root);
  }

  util::Result<Invocation, UsageError> run() {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      const Parsed parsed = take(word);
      if (!parsed) {
        return unexpected(parsed.error());
      }
    }
    invocation_.options.set_path(path_);
    if (!invocation_.help && !invocation_.version) {
      if (const Parsed counted = check_count(); !counted) {
        return unexpected(counted.error());
      }
    }
    return std::move(invocation_);
  }

 private:
  Parsed take(const std::string& word) {
    if (flags_ended_ || word.size() < 2 || word.front() != '-') {
      return take_positional(word);
    }
    if (word == "--") {
      flags_ended_ = true;
      return {};
    }
    return word[1] == '-' ? take_long(word) : take_short(word);
  }

  Parsed take_positional(const std::string& word) {
    if (path_.back()->run != nullptr) {
      invocation_.options.add_argument(word);
      flags_ended_ = flags_ended_ || path_.back()->positionals.flags_end;
      return {};
    }
    if (const Command* child = find_child(*path_.back(), word)) {
      path_.push_back(child);
      return {};
    }
    if (word == "help") {
      invocation_.help = true;
      return {};
    }
    return unexpected(unknown_command(word));
  }

  UsageError unknown_command(const std::string& word) const {
    std::vector<std::string> names;
    for (const Command& child : path_.back()->children) {
      if (child.visibility == Visibility::shown) {
        names.emplace_back(child.name);
      }
    }
    const std::optional<std::string> near = util::nearest(word, names);
    return {.kind = UsageError::Kind::unknown_command,
            .message = word,
            .suggestion = near ? "Did you mean '" + *near + "'?" : "",
            .path = path_};
  }

  Parsed take_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (name == "help") {
      invocation_.help = true;
      return {};
    }
    const Flag* flag = find_flag(path_, name);
    if (flag == nullptr) {
      return unexpected(unknown_flag("unknown flag: --" + name, name));
    }
    if (equals != std::string::npos) {
      return store(*flag, word.substr(equals + 1));
    }
    if (flag->kind == FlagKind::boolean) {
      return store(*flag, "true");
    }
    return store_next(*flag, "flag needs an argument: --" + name);
  }

  Parsed take_short(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const Flag* flag = find_shorthand(path_, word[i]);
      if (flag == nullptr && word[i] == 'h') {
        invocation_.help = true;
        return {};
      }
      const std::string quoted = std::string("'") + word[i] + "' in -" + word.substr(i);
      if (flag == nullptr) {
        return unexpected(unknown_flag("unknown shorthand flag: " + quoted, {}));
      }
      const std::string rest = word.substr(i + 1);
      if (!rest.empty() && rest.front() == '=') {
        return store(*flag, rest.substr(1));
      }
      if (flag->kind != FlagKind::boolean) {
        return rest.empty() ? store_next(*flag, "flag needs an argument: " + quoted)
                            : store(*flag, rest);
      }
      if (const Parsed stored = store(*flag, "true"); !stored) {
        return stored;
      }
    }
    return {};
  }

  // A value that is one of the command's own flags is a forgotten value (`--username u --password
  // --password token`).
  Parsed store_next(const Flag& flag, const std::string& complaint) {
    const bool is_flag = next_ < words_.size() && names_flag(words_[next_]);
    if (next_ == words_.size() || is_flag) {
      const std::string hint = is_flag ? "'" + words_[next_] +
                                             "' is a flag itself; if it is the value, write --" +
                                             std::string(flag.name) + "=" + words_[next_]
                                       : "";
      return unexpected(UsageError{UsageError::Kind::flag, complaint, hint, path_});
    }
    return store(flag, words_[next_++]);
  }

  [[nodiscard]] bool names_flag(const std::string& word) const {
    if (!word.starts_with("--") || word.size() < 3) {
      return false;
    }
    return find_flag(path_, std::string_view(word).substr(2, word.find('=') - 2)) != nullptr;
  }

  UsageError unknown_flag(std::string message, const std::string& name) const {
    std::vector<std::string> names;
    for (const Flag* flag : reachable_flags(path_)) {
      names.emplace_back(flag->name);
    }
    const std::optional<std::string> near =
        name.empty() ? std::nullopt : util::nearest(name, names);
    return {.kind = UsageError::Kind::flag,
            .message = std::move(message),
            .suggestion = near ? "Did you mean '--" + *near + "'?" : "",
            .path = path_};
  }

  Parsed store(const Flag& flag, std::string value) {
    std::string problem;
    if (flag.kind == FlagKind::boolean) {
      const std::optional<bool> parsed = parse_bool(value);
      if (parsed) {
        value = *parsed ? "true" : "false";
      } else {
        problem = "must be true or false";
      }
    } else if (flag.kind == FlagKind::number && !util::parse_int(value)) {
      problem = "must be a whole number";
    } else if (!flag.choices.empty() &&
               std::find(flag.choices.begin(), flag.choices.end(), value) == flag.choices.end()) {
      problem = "must be one of";
      for (const std::string_view choice : flag.choices) {
        problem += (choice == flag.choices.front() ? " " : ", ") + std::string(choice);
      }
    }
    if (!problem.empty()) {
      return unexpected(UsageError{.kind = UsageError::Kind::flag,
                                   .message = "invalid argument \"" + value + "\" for \"" +
                                              shown_flag(flag) + "\" flag: " + problem,
                                   .suggestion = {},
                                   .path = path_});
    }
    invocation_.version |= path_.size() == 1 && flag.name == "version";
    invocation_.options.add(flag, std::move(value));
    return {};
  }

  Parsed check_count() const {
    const Command& command = *path_.back();
    const std::size_t count = invocation_.options.arguments().size();
    const std::size_t least = command.positionals.at_least;
    const std::size_t most = command.positionals.at_most;
    if (command.run == nullptr || (count >= least && count <= most)) {
      return {};
    }
    std::string wanted;
    if (most == 0) {
      wanted = "accepts no arguments";
    } else if (least == most) {
      wanted = "requires " + std::to_string(least) + (least == 1 ? " argument" : " arguments");
    } else if (count < least) {
      wanted =
          "requires at least " + std::to_string(least) + (least == 1 ? " argument" : " arguments");
    } else {
      wanted =
          "requires at most " + std::to_string(most) + (most == 1 ? " argument" : " arguments");
    }
    return unexpected(UsageError{.kind = UsageError::Kind::argument_count,
                                 .message = wanted,
                                 .suggestion = {},
                                 .path = path_});
  }

  const std::vector<std::string>& words_;
  std::size_t next_ = 0;
  bool flags_ended_ = false;
  CommandPath path_;
  Invocation invocation_;
};

}  // namespace

util::Result<Invocation, UsageError> parse(const Command& root,
                                           const std::vector<std::string>& words) {
  return Parser(root, words).run();
}

}  // namespace cli
