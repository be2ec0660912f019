#include "cli/completion.hpp"

#include <algorithm>

#include "cli/completion_values.hpp"
#include "cli/globals.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"

namespace cli {
namespace {

// Where the cursor is: the command so far, the words before it, and the flag whose value is due, if
// any.
struct Place {
  CommandPath path;
  Options options;
  const Flag* pending = nullptr;
  std::size_t positionals = 0;
  bool flags_ended = false;
};

// Takes one complete word that begins with a dash; what it cannot understand it leaves out.
void take_flag(Place& place, const std::string& word) {
  const std::size_t equals = word.find('=');
  if (word.starts_with("--")) {
    const Flag* flag = find_flag(place.path, std::string_view(word).substr(2, equals - 2));
    if (flag == nullptr) {
      return;
    }
    if (equals != std::string::npos) {
      place.options.add(*flag, word.substr(equals + 1));
    } else if (flag->kind == FlagKind::boolean) {
      place.options.add(*flag, "true");
    } else {
      place.pending = flag;
    }
    return;
  }
  for (std::size_t i = 1; i < word.size(); ++i) {
    const Flag* flag = find_shorthand(place.path, word[i]);
    if (flag == nullptr) {
      return;
    }
    if (flag->kind == FlagKind::boolean) {
      place.options.add(*flag, "true");
    } else if (i + 1 == word.size()) {
      place.pending = flag;
    } else {
      place.options.add(*flag, word.substr(word[i + 1] == '=' ? i + 2 : i + 1));
      return;
    }
  }
}

Place walk(const Command& root, const std::vector<std::string>& words) {
  Place place{.path = {&root}, .options = {}};
  for (const std::string& word : words) {
    if (place.pending != nullptr) {
      place.options.add(*place.pending, word);
      place.pending = nullptr;
    } else if (word == "--") {
      place.flags_ended = true;
    } else if (!place.flags_ended && word.size() > 1 && word.front() == '-') {
      take_flag(place, word);
    } else if (const Command* child = find_child(*place.path.back(), word);
               child != nullptr && place.path.back()->run == nullptr) {
      place.path.push_back(child);
    } else {
      ++place.positionals;
      place.options.add_argument(word);
    }
  }
  place.options.set_path(place.path);
  return place;
}

Candidates of_flag(const Session& session, const Options& options, const Flag& flag) {
  if (flag.choices.empty()) {
    return candidates_of(session, options, flag.completion);
  }
  Candidates candidates;
  for (const std::string_view choice : flag.choices) {
    candidates.words.emplace_back(choice, "");
  }
  return candidates;
}

Candidates flag_names(const CommandPath& path) {
  Candidates candidates;
  for (const Flag* flag : reachable_flags(path)) {
    candidates.words.emplace_back("--" + std::string(flag->name), flag->help);
  }
  candidates.words.emplace_back("--help", "Show the help of this command");
  return candidates;
}

Candidates of_place(const Session& session, const Place& place, const std::string& last) {
  const Command& command = *place.path.back();
  if (place.pending != nullptr) {
    return of_flag(session, place.options, *place.pending);
  }
  if (!place.flags_ended && last.starts_with("-")) {
    const std::size_t equals = last.find('=');
    const Flag* flag = equals != std::string::npos && last.starts_with("--")
                           ? find_flag(place.path, std::string_view(last).substr(2, equals - 2))
                           : nullptr;
    if (flag == nullptr) {
      return flag_names(place.path);
    }
    Candidates values = of_flag(session, place.options, *flag);
    for (auto& [word, description] : values.words) {
      word = last.substr(0, equals + 1) + word;
    }
    return values;
  }
  Candidates candidates;
  if (command.run == nullptr) {
    for (const Command& child : command.children) {
      if (child.visibility == Visibility::shown) {
        candidates.words.emplace_back(child.name, child.summary);
      }
    }
  } else if (place.positionals < command.positionals.at_most) {
    candidates = candidates_of(session, place.options, command.positionals.completion);
  }
  std::sort(candidates.words.begin(), candidates.words.end());
  return candidates;
}

}  // namespace

bool is_completion_request(const std::vector<std::string>& words) {
  return !words.empty() && (words.front() == "__complete" || words.front() == "__completeNoDesc");
}

ExitCode complete(const ApplicationParts& parts,
                  const Command& root,
                  const std::vector<std::string>& words) {
  const bool describe = words.front() == "__complete";
  std::vector<std::string> before(words.begin() + 1, words.end());
  std::string last;
  if (!before.empty()) {
    last = before.back();
    before.pop_back();
  }
  before = without_plugin_word(root, std::move(before)).words;

  const Place place = walk(root, before);

  // Complaints about a half-written line help nobody.
  StringOutput silent;
  const Session session({silent,
                         silent,
                         parts.in,
                         parts.environment,
                         parts.files,
                         parts.clock,
                         parts.working_directory,
                         "docker ecs",
                         {},
                         parts.open_service},
                        read_globals(place.options));
  const Candidates candidates = of_place(session, place, last);
  std::string text;
  for (const auto& [word, description] : candidates.words) {
    if (word.starts_with(last)) {
      text += word + (describe && !description.empty() ? "\t" + description : "") + "\n";
    }
  }
  parts.out.write(text + ":" + std::to_string(static_cast<int>(candidates.directive)) + "\n");
  return ExitCode::ok;
}

}  // namespace cli
