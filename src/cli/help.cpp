#include "cli/help.hpp"

#include <algorithm>

#include "util/strings.hpp"

namespace cli {
namespace {

// Texts are written with "docker ecs"; the stand-alone program shows its own name.
std::string own_name(std::string_view text, std::string_view program) {
  return util::replace_all(text, "docker ecs", program);
}

std::string type_name(const Flag& flag) {
  if (!flag.type_name.empty()) {
    return std::string(flag.type_name);
  }
  switch (flag.kind) {
    case FlagKind::boolean: return "";
    case FlagKind::text: return "string";
    case FlagKind::list: return "stringArray";
    case FlagKind::number: return "int";
  }
  return "";
}

std::string flag_column(const Flag& flag) {
  std::string text = flag.shorthands.empty() ? std::string("    ")
                                             : std::string("-") + flag.shorthands.front() + ", ";
  text += "--" + std::string(flag.name);
  const std::string type = type_name(flag);
  return type.empty() ? text : text + " " + type;
}

std::string flag_help(const Flag& flag) {
  std::string text(flag.help);
  if (!flag.choices.empty()) {
    text += " (";
    for (const std::string_view choice : flag.choices) {
      text += (choice == flag.choices.front() ? "" : "|") + std::string(choice);
    }
    text += ")";
  }
  if (!flag.default_value.empty() && flag.default_value != "false") {
    const bool quoted = flag.kind == FlagKind::text || flag.kind == FlagKind::list;
    const std::string quote = quoted ? "\"" : "";
    text += " (default " + quote + std::string(flag.default_value) + quote + ")";
  }
  return text;
}

std::size_t wrap_width(int columns, std::size_t indent) {
  const std::size_t width = columns > 0 ? static_cast<std::size_t>(columns) : 80;
  return width > indent + 24 ? width - indent - 1 : 24;
}

std::string flag_section(const CommandPath& path, int columns) {
  std::vector<const Flag*> flags;
  for (const std::vector<Flag>* table : {&path.back()->flags, &path.back()->persistent_flags}) {
    for (const Flag& flag : *table) {
      if (flag.visibility == Visibility::shown) {
        flags.push_back(&flag);
      }
    }
  }
  if (flags.empty()) {
    return "";
  }
  std::sort(
      flags.begin(), flags.end(), [](const Flag* a, const Flag* b) { return a->name < b->name; });
  std::size_t widest = 0;
  for (const Flag* flag : flags) {
    widest = std::max(widest, flag_column(*flag).size());
  }
  const std::size_t indent = 2 + widest + 3;
  std::string text = "\nOptions:\n";
  for (const Flag* flag : flags) {
    std::string column = flag_column(*flag);
    column.resize(widest + 3, ' ');
    text += "  " + column + wrap(flag_help(*flag), wrap_width(columns, indent), indent) + "\n";
  }
  return text;
}

std::string command_section(std::string_view title,
                            const std::vector<const Command*>& commands,
                            std::size_t widest) {
  if (commands.empty()) {
    return "";
  }
  std::string text = "\n" + std::string(title) + ":\n";
  for (const Command* command : commands) {
    std::string name(command->name);
    name.resize(widest + 3, ' ');
    text += "  " + name + std::string(command->summary) + "\n";
  }
  return text;
}

std::string child_sections(const Command& group) {
  std::vector<const Command*> groups;
  std::vector<const Command*> commands;
  std::size_t widest = 8;
  for (const Command& child : group.children) {
    if (child.visibility == Visibility::shown) {
      (child.run != nullptr ? commands : groups).push_back(&child);
      widest = std::max(widest, child.name.size());
    }
  }
  const auto by_name = [](const Command* a, const Command* b) { return a->name < b->name; };
  std::sort(groups.begin(), groups.end(), by_name);
  std::sort(commands.begin(), commands.end(), by_name);
  return command_section("Management Commands", groups, widest) +
         command_section("Commands", commands, widest);
}

std::string alias_section(std::string_view program, const CommandPath& path) {
  const Command& command = *path.back();
  if (command.aliases.empty() || path.size() < 2) {
    return "";
  }
  const std::string parent = path_text(program, CommandPath(path.begin(), path.end() - 1));
  std::string text = "\nAliases:\n  " + parent + " " + std::string(command.name);
  for (const std::string_view alias : command.aliases) {
    text += ", " + parent + " " + std::string(alias);
  }
  return text + "\n";
}

std::string example_section(std::string_view program, const Command& command) {
  if (command.examples.empty()) {
    return "";
  }
  std::string text = "\nExamples:\n";
  for (const std::string& line : util::split(command.examples, '\n')) {
    text += line.empty() ? "\n" : "  " + own_name(line, program) + "\n";
  }
  return text;
}

}  // namespace

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string wrapped;
  std::size_t column = 0;
  bool first_line = true;
  for (const std::string& line : util::split(text, '\n')) {
    if (!first_line) {
      wrapped += "\n" + std::string(indent, ' ');
      column = 0;
    }
    first_line = false;
    for (const std::string& word : util::split(line, ' ')) {
      if (column > 0 && column + 1 + word.size() > width) {
        wrapped += "\n" + std::string(indent, ' ');
        column = 0;
      } else if (column > 0) {
        wrapped += ' ';
        ++column;
      }
      wrapped += word;
      column += word.size();
    }
  }
  return wrapped;
}

std::string usage_line(std::string_view program, const CommandPath& path) {
  const Command& command = *path.back();
  std::string text = path_text(program, path);
  const auto shown = [](const Flag& flag) { return flag.visibility == Visibility::shown; };
  const auto any_shown = [&](const std::vector<Flag>& flags) {
    return std::any_of(flags.begin(), flags.end(), shown);
  };
  if (any_shown(command.flags) || any_shown(command.persistent_flags)) {
    text += " [OPTIONS]";
  }
  if (command.run == nullptr) {
    text += " COMMAND";
  } else if (!command.arguments.empty()) {
    text += " " + std::string(command.arguments);
  }
  return text;
}

std::string help_text(std::string_view program, const CommandPath& path, int columns) {
  const Command& command = *path.back();
  std::string text = "Usage:  " + usage_line(program, path) + "\n\n";
  text += std::string(command.summary) + "\n";
  if (!command.details.empty()) {
    text += "\n" + wrap(own_name(command.details, program), wrap_width(columns, 0), 0) + "\n";
  }
  text += alias_section(program, path);
  text += example_section(program, command);
  text += flag_section(path, columns);
  text += child_sections(command);
  if (command.run == nullptr) {
    text += "\nRun '" + path_text(program, path) +
            " COMMAND --help' for more information on a command.\n";
  }
  return text;
}

std::string usage_error_text(std::string_view program, const UsageError& error) {
  const std::string path = path_text(program, error.path);
  const std::string name = program.starts_with("docker ") ? "docker" : std::string(program);
  std::string text;
  switch (error.kind) {
    case UsageError::Kind::flag: text = error.message; break;
    case UsageError::Kind::unknown_command:
      text = name + ": unknown command: " + path + " " + error.message;
      break;
    case UsageError::Kind::argument_count: text = name + ": '" + path + "' " + error.message; break;
  }
  if (!error.suggestion.empty()) {
    text += "\n" + error.suggestion;
  }
  return text + "\n\nUsage:  " + usage_line(program, error.path) + "\n\nRun '" + path +
         " --help' for more information\n";
}

}  // namespace cli
