#include "cli/session.hpp"

#include <cstdlib>
#include <utility>

#include "cli/context/context_store.hpp"
#include "util/strings.hpp"

namespace cli {

Session::Session(SessionParts parts, Globals globals)
    : parts_(std::move(parts)), globals_(std::move(globals)) {}

void Session::say(std::string_view line) const {
  parts_.err.write(std::string(line) + "\n");
}

void Session::warn(std::string_view line) const {
  if (globals_.shows_warnings()) {
    say(styled("warning:", Style::yellow, parts_.err.screen()) + " " + std::string(line));
  }
}

ExitCode Session::fail(std::string_view message, std::string_view help, ExitCode code) const {
  say(styled("error:", Style::red, parts_.err.screen()) + " " + std::string(message));
  if (!help.empty()) {
    say(styled("help:", Style::cyan, parts_.err.screen()) + " " +
        util::replace_all(help, "docker ecs ", parts_.program + " "));
  }
  return code;
}

std::string Session::home() const {
  return parts_.environment.non_empty("HOME").value_or("");
}

std::string Session::docker_config_directory() const {
  if (globals_.config && !globals_.config->empty()) {
    return absolute(*globals_.config);
  }
  if (const auto directory = parts_.environment.non_empty("DOCKER_CONFIG")) {
    return absolute(*directory);
  }
  return home() + "/.docker";
}

std::string Session::absolute(std::string_view path) const {
  return path.starts_with('/') ? std::string(path)
                               : parts_.working_directory + "/" + std::string(path);
}

util::Result<Target, Failure> Session::resolve_target() const {
  const ContextStore store(parts_.files, docker_config_directory());
  const auto choice = choose_context(globals_, parts_.environment, store);
  if (!choice) {
    return util::unexpected(choice.error());
  }
  return resolve_context(*choice, store);
}

const Target& Session::target() const {
  if (!target_) {
    std::abort();
  }
  return *target_;
}

}  // namespace cli
