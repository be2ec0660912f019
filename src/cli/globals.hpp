#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/options.hpp"

namespace cli {

// Docker's own global flags, which stand before the plugin's name: `docker --context aws -D ecs …`.
struct Globals {
  std::optional<std::string> context;  // -c, --context
  std::optional<std::string> config;   // --config
  std::vector<std::string> hosts;      // -H, --host
  bool debug = false;                  // -D, --debug
  std::string log_level = "info";      // -l, --log-level
  bool tls = false;                    // --tls or --tlsverify
  bool tls_verify = false;
  std::optional<std::string> tls_ca_certificate;
  std::optional<std::string> tls_certificate;
  std::optional<std::string> tls_key;

  [[nodiscard]] bool shows_debug() const { return debug || log_level == "debug"; }

  [[nodiscard]] bool shows_warnings() const {
    return debug || (log_level != "error" && log_level != "fatal");
  }
};

// The flag table of the root command, and what a parsed command line says with it.
std::vector<Flag> global_flags();
Globals read_globals(const Options& options);

// The words of the command proper, without a leading plugin word: ["--context","a","ecs","compose"]
// becomes
// ["--context","a","compose"], and ["help","ecs","compose"] becomes ["compose","--help"].
struct CommandLine {
  std::vector<std::string> words;
  bool as_plugin = false;  // the plugin word was there: `docker ecs …`
};

CommandLine without_plugin_word(const Command& root, std::vector<std::string> words);

}  // namespace cli
