#include "cli/globals.hpp"

namespace cli {

std::vector<Flag> global_flags() {
  using enum FlagKind;
  return {
      {.name = "config",
       .kind = text,
       .help = "Location of client config files (default $DOCKER_CONFIG or ~/.docker)",
       .completion = Completion::directories},
      {.name = "context",
       .shorthands = "c",
       .kind = text,
       .help = "Name of the context to use; overrides DOCKER_HOST, DOCKER_CONTEXT and the context "
               "chosen by \"docker context use\"",
       .completion = Completion::contexts},
      {.name = "debug",
       .shorthands = "D",
       .help = "Show on stderr what is read and asked, and how long it takes"},
      {.name = "host",
       .shorthands = "H",
       .kind = list,
       .help = "Docker Engine to use for the local target",
       .type_name = "list"},
      {.name = "log-level",
       .shorthands = "l",
       .kind = text,
       .help = "What to show on stderr besides errors",
       .default_value = "info",
       .choices = {"debug", "info", "warn", "error", "fatal"}},
      {.name = "tls", .help = "Use TLS; implied by --tlsverify"},
      {.name = "tlscacert",
       .kind = text,
       .help = "Trust certs signed only by this CA",
       .completion = Completion::files},
      {.name = "tlscert",
       .kind = text,
       .help = "Path to TLS certificate file",
       .completion = Completion::files},
      {.name = "tlskey",
       .kind = text,
       .help = "Path to TLS key file",
       .completion = Completion::files},
      {.name = "tlsverify", .help = "Use TLS and verify the remote"},
      {.name = "version", .shorthands = "v", .help = "Print version information and quit"},
  };
}

Globals read_globals(const Options& options) {
  Globals globals;
  globals.context = options.value("context");
  globals.config = options.value("config");
  globals.hosts = options.list("host");
  globals.debug = options.is_set("debug");
  globals.log_level = options.text("log-level");
  globals.tls_verify = options.is_set("tlsverify");
  globals.tls = globals.tls_verify || options.is_set("tls");
  globals.tls_ca_certificate = options.value("tlscacert");
  globals.tls_certificate = options.value("tlscert");
  globals.tls_key = options.value("tlskey");
  return globals;
}

namespace {

constexpr std::string_view kPluginWord = "ecs";

// Index of the first word that is neither a global flag nor a global flag's value.
std::size_t first_word(const Command& root, const std::vector<std::string>& words) {
  const CommandPath path{&root};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word.front() != '-') {
      return i;
    }
    const Flag* flag = nullptr;
    if (word.starts_with("--")) {
      flag = word.find('=') == std::string::npos ? find_flag(path, word.substr(2)) : nullptr;
    } else if (word.find('=') == std::string::npos) {
      // Of bundled shorthands only the last can take the next word: `-Dc aws`.
      flag = find_shorthand(path, word.back());
      const Flag* leading = find_shorthand(path, word[1]);
      if (word.size() > 2 && leading != nullptr && leading->kind != FlagKind::boolean) {
        flag = nullptr;  // `-caws`
      }
    }
    if (flag != nullptr && flag->kind != FlagKind::boolean) {
      ++i;
    }
  }
  return words.size();
}

}  // namespace

CommandLine without_plugin_word(const Command& root, std::vector<std::string> words) {
  CommandLine line{.words = std::move(words)};
  std::vector<std::string>& all = line.words;
  const std::size_t at = first_word(root, all);
  if (at >= all.size()) {
    return line;
  }
  const auto position = all.begin() + static_cast<std::ptrdiff_t>(at);
  if (all[at] == kPluginWord) {
    all.erase(position);
    line.as_plugin = true;
  } else if (all[at] == "help") {
    all.erase(position);
    if (at < all.size() && all[at] == kPluginWord) {
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
      line.as_plugin = true;
    }
    all.emplace_back("--help");
  }
  return line;
}

}  // namespace cli
