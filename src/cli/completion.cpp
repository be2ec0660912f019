#include "cli/completion.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "awsapi/secretsmanager.hpp"
#include "cli/context/context_store.hpp"
#include "cli/globals.hpp"
#include "cli/local_engine.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "cli/setup/aws_files.hpp"

namespace cli {
namespace {

// cobra's shell directives.
enum class Directive : std::uint8_t { files = 0, no_files = 4, directories = 16 };

// The regions of the commercial partition that are open to every account, and the usual opt-in
// ones.
constexpr std::array<std::string_view, 33> kRegions{
    "af-south-1",     "ap-east-1",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ca-central-1",   "ca-west-1",
    "eu-central-1",   "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",
    "eu-west-1",      "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",
    "me-south-1",     "mx-central-1",   "sa-east-1",      "us-east-1",      "us-east-2",
    "us-gov-west-1",  "us-west-1",      "us-west-2"};

struct Candidates {
  std::vector<std::pair<std::string, std::string>> words;  // word, description
  Directive directive = Directive::no_files;
};

// Where the cursor is: the command so far, the words before it, and the flag whose value is due, if
// any.
struct Place {
  CommandPath path;
  const Flag* pending = nullptr;
  std::size_t positionals = 0;
  bool flags_ended = false;
};

const Flag* flag_of_word(const CommandPath& path, const std::string& word) {
  if (word.starts_with("--")) {
    return find_flag(path, std::string_view(word).substr(2));
  }
  return find_shorthand(path, word.back());
}

Place walk(const Command& root, const std::vector<std::string>& words) {
  Place place{.path = {&root}};
  for (const std::string& word : words) {
    if (place.pending != nullptr) {
      place.pending = nullptr;
    } else if (word == "--") {
      place.flags_ended = true;
    } else if (!place.flags_ended && word.size() > 1 && word.front() == '-') {
      const Flag* flag =
          word.find('=') == std::string::npos ? flag_of_word(place.path, word) : nullptr;
      place.pending = flag != nullptr && flag->kind != FlagKind::boolean ? flag : nullptr;
    } else if (const Command* child = find_child(*place.path.back(), word);
               child != nullptr && place.path.back()->run == nullptr) {
      place.path.push_back(child);
    } else {
      ++place.positionals;
    }
  }
  return place;
}

// Only an engine that runs is asked: pressing a key starts nothing.
std::vector<std::pair<std::string, std::string>> secret_names(const Session& session) {
  std::vector<std::pair<std::string, std::string>> names;
  const auto target = session.resolve_target();
  if (!target || (target->is_local() && !engine_is_running(session))) {
    return names;
  }
  const auto service = session.open_service(*target);
  if (!service) {
    return names;
  }
  namespace sm = awsapi::secretsmanager;
  const auto listed =
      (*service)->send_all(sm::ListSecretsRequest{}, [&](const sm::ListSecretsResponse& page) {
        for (const sm::SecretListEntry& secret : page.secret_list) {
          names.emplace_back(secret.name.value_or(""), secret.description.value_or(""));
        }
      });
  return listed ? names : std::vector<std::pair<std::string, std::string>>();
}

std::vector<std::pair<std::string, std::string>> profile_candidates(const Session& session) {
  const AwsFilePaths paths = aws_file_paths(session.environment(), session.home());
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [path, kind] : {std::pair(paths.config, AwsFileKind::config),
                                   std::pair(paths.credentials, AwsFileKind::credentials)}) {
    for (std::string& name : profile_names(session.files().read(path).value_or(""), kind)) {
      names.emplace_back(std::move(name), "");
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Candidates of_kind(const Session& session, Completion kind) {
  Candidates candidates;
  switch (kind) {
    case Completion::files: candidates.directive = Directive::files; break;
    case Completion::directories: candidates.directive = Directive::directories; break;
    case Completion::contexts: {
      const ContextStore store(session.files(), session.docker_config_directory());
      for (std::string& name : store.names()) {
        candidates.words.emplace_back(std::move(name), "");
      }
      break;
    }
    case Completion::secrets: candidates.words = secret_names(session); break;
    case Completion::profiles: candidates.words = profile_candidates(session); break;
    case Completion::regions:
      for (const std::string_view region : kRegions) {
        candidates.words.emplace_back(region, "");
      }
      break;
    case Completion::nothing:
    case Completion::services: break;
  }
  return candidates;
}

Candidates of_flag(const Session& session, const Flag& flag) {
  if (flag.choices.empty()) {
    return of_kind(session, flag.completion);
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
    return of_flag(session, *place.pending);
  }
  if (!place.flags_ended && last.starts_with("-")) {
    const std::size_t equals = last.find('=');
    const Flag* flag = equals != std::string::npos && last.starts_with("--")
                           ? find_flag(place.path, std::string_view(last).substr(2, equals - 2))
                           : nullptr;
    if (flag == nullptr) {
      return flag_names(place.path);
    }
    Candidates values = of_flag(session, *flag);
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
    candidates = of_kind(session, command.positionals.completion);
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

  // Only --config and --context matter here; whatever else the half-written line contains is left
  // alone.
  Options options({&root});
  for (const Flag& flag : root.persistent_flags) {
    for (std::size_t i = 0; i + 1 < before.size(); ++i) {
      if (flag.kind != FlagKind::boolean && before[i] == "--" + std::string(flag.name)) {
        options.add(flag, before[i + 1]);
      }
    }
  }
  const Session session({parts.out,
                         parts.err,
                         parts.in,
                         parts.environment,
                         parts.files,
                         parts.clock,
                         parts.working_directory,
                         "docker ecs",
                         {},
                         parts.open_service},
                        read_globals(options));
  const Candidates candidates = of_place(session, walk(root, before), last);
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
