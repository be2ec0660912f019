#include "cli/command.hpp"

#include <algorithm>

namespace cli {
namespace {

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Flag tables in the order of precedence.
std::vector<const std::vector<Flag>*> flag_tables(const CommandPath& path) {
  std::vector<const std::vector<Flag>*> tables{&path.back()->flags};
  for (auto command = path.rbegin(); command != path.rend(); ++command) {
    tables.push_back(&(*command)->persistent_flags);
  }
  return tables;
}

template <class Predicate>
const Flag* first_flag(const CommandPath& path, Predicate matches) {
  for (const std::vector<Flag>* table : flag_tables(path)) {
    const auto found = std::find_if(table->begin(), table->end(), matches);
    if (found != table->end()) {
      return &*found;
    }
  }
  return nullptr;
}

}  // namespace

const Command* find_child(const Command& group, std::string_view word) {
  for (const Command& child : group.children) {
    if (child.name == word || contains(child.aliases, word)) {
      return &child;
    }
  }
  return nullptr;
}

const Flag* find_flag(const CommandPath& path, std::string_view long_name) {
  return first_flag(path, [&](const Flag& flag) {
    return flag.name == long_name || contains(flag.aliases, long_name);
  });
}

const Flag* find_shorthand(const CommandPath& path, char shorthand) {
  return first_flag(path, [&](const Flag& flag) {
    return flag.shorthands.find(shorthand) != std::string_view::npos;
  });
}

std::vector<const Flag*> reachable_flags(const CommandPath& path) {
  std::vector<const Flag*> flags;
  for (const std::vector<Flag>* table : flag_tables(path)) {
    for (const Flag& flag : *table) {
      const bool shadowed = std::any_of(
          flags.begin(), flags.end(), [&](const Flag* other) { return other->name == flag.name; });
      if (flag.visibility == Visibility::shown && !shadowed) {
        flags.push_back(&flag);
      }
    }
  }
  return flags;
}

std::string path_text(std::string_view program, const CommandPath& path) {
  std::string text(program);
  for (std::size_t i = 1; i < path.size(); ++i) {
    text += ' ';
    text += path[i]->name;
  }
  return text;
}

}  // namespace cli
