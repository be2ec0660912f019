#include "cli/application.hpp"

#include <optional>

#include "cli/cancellation.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/debug_log.hpp"
#include "cli/globals.hpp"
#include "cli/help.hpp"
#include "cli/local_engine.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "cli/version.hpp"

namespace cli {
namespace {

ExitCode run_command(const ApplicationParts& parts,
                     const std::string& program,
                     const Options& options) {
  const Command& command = *options.path().back();
  // What only reads files has nothing to undo: there a signal just ends the process.
  std::optional<Cancellation> cancellation;
  if (command.tier != Tier::project) {
    cancellation.emplace(parts.environment);
  }
  const Globals globals = read_globals(options);
  DebugLog log(parts.err, parts.clock);
  const LoggedFileSystem logged_files(parts.files, log);
  OpenService open_service = parts.open_service;
  if (globals.shows_debug()) {
    open_service = [&](const Session& session, const Target& target) {
      auto service = parts.open_service(session, target);
      if (service) {
        *service = logged(std::move(*service), log);
      }
      return service;
    };
  }
  Session session(
      {parts.out,
       parts.err,
       parts.in,
       parts.environment,
       globals.shows_debug() ? static_cast<const util::ReadOnlyFileSystem&>(logged_files)
                             : parts.files,
       parts.clock,
       parts.working_directory,
       program,
       cancellation ? cancellation->token() : std::stop_token(),
       std::move(open_service)},
      globals);
  if (command.tier == Tier::cloud) {
    auto target = session.resolve_target();
    if (!target) {
      return session.fail(target.error());
    }
    session.set_target(std::move(*target));
  }
  const ExitCode code = command.run(session, options);
  if (globals.shows_debug()) {
    log.line("exit code " + std::to_string(static_cast<int>(code)));
  }
  return code == ExitCode::failure && session.stop().stop_requested() ? ExitCode::interrupted
                                                                      : code;
}

}  // namespace

ExitCode run(const ApplicationParts& parts, std::vector<std::string> words) {
  if (!words.empty() && words.front() == kEngineWord) {
    words.erase(words.begin());
    return run_engine(parts.err, words);
  }
  const Command& root = command_table();
  if (is_completion_request(words)) {
    return complete(parts, root, words);
  }
  const bool called_by_docker =
      parts.environment.find("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND").has_value();
  const CommandLine line = without_plugin_word(root, std::move(words));
  const std::string program = line.as_plugin || called_by_docker ? "docker ecs" : "docker-ecs";

  const auto parsed = parse(root, line.words);
  if (!parsed) {
    parts.err.write(usage_error_text(program, parsed.error()));
    return ExitCode::usage;
  }
  const CommandPath& path = parsed->options.path();
  if (parsed->version) {
    parts.out.write(version_line());
    return ExitCode::ok;
  }
  if (parsed->help || path.back()->run == nullptr) {
    parts.out.write(help_text(program, path, parts.out.screen().columns));
    return ExitCode::ok;
  }
  return run_command(parts, program, parsed->options);
}

}  // namespace cli
