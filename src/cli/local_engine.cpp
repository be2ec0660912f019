#include "cli/local_engine.hpp"

#include <charconv>

#include "cli/version.hpp"
#include "local/endpoint/serve.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

using util::unexpected;

std::optional<double> positive_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool fine =
      error == std::errc() && end == text.data() + text.size() && value >= 0 && value <= 1000;
  return fine ? std::optional(value) : std::nullopt;
}

// The engine speaks to Docker Engine over a unix socket or plain TCP.
std::optional<Failure> refuse_host(const Session& session, const std::string& docker_host) {
  const bool tls =
      session.globals().tls || session.environment().non_empty("DOCKER_TLS_VERIFY").has_value();
  const bool plain = docker_host.starts_with("unix://") || docker_host.starts_with("tcp://");
  if (plain && !(tls && docker_host.starts_with("tcp://"))) {
    return std::nullopt;
  }
  return Failure{"the local engine cannot use the Docker Engine at " + docker_host +
                     (plain ? " over TLS" : ""),
                 "it needs a unix:// socket or a tcp:// address without TLS, such as an SSH "
                 "forwarded socket"};
}

}  // namespace

ExitCode run_engine(Output& err, const std::vector<std::string>& arguments) {
  const auto options = local::daemon::parse_arguments(arguments);
  if (!options) {
    err.write("error: " + options.error() + "\n");
    return ExitCode::usage;
  }
  const int code = local::daemon::run(*options, local::serve_over_http(*options));
  return code == 0 ? ExitCode::ok : ExitCode::failure;
}

util::Result<local::daemon::RunOptions, Failure> engine_options(const Session& session,
                                                                const std::string& docker_host) {
  const util::Environment& environment = session.environment();
  local::daemon::RunOptions options;
  options.paths = local::daemon::state_paths({environment.find("DOCKER_ECS_HOME").value_or(""),
                                              environment.find("XDG_STATE_HOME").value_or(""),
                                              session.home()});
  if (options.paths.directory.empty()) {
    return unexpected(
        Failure{"there is no place for the local engine's state", "set HOME or DOCKER_ECS_HOME"});
  }
  options.docker_host = docker_host;
  options.version = std::string(kVersion);
  options.subnets = environment.find("DOCKER_ECS_SUBNETS").value_or("");
  if (const auto text = environment.non_empty("DOCKER_ECS_PORT")) {
    const auto port = util::parse_int(*text);
    if (!port || *port < 0 || *port > 65'535) {
      return unexpected(Failure{"DOCKER_ECS_PORT=" + *text + " is not a port", ""});
    }
    options.port = static_cast<std::uint16_t>(*port);
  }
  if (const auto text = environment.non_empty("DOCKER_ECS_TIME_SCALE")) {
    const auto scale = positive_number(*text);
    if (!scale) {
      return unexpected(Failure{"DOCKER_ECS_TIME_SCALE=" + *text + " is not a number", ""});
    }
    options.time_scale = *scale;
  }
  return options;
}

bool engine_is_running(const Session& session) {
  const auto options = engine_options(session, {});
  return options && local::daemon::find_running(options->paths).has_value();
}

util::Result<local::daemon::Started, Failure> ensure_engine(const Session& session,
                                                            const LocalTarget& target) {
  if (auto unreachable = refuse_host(session, target.docker_host)) {
    return unexpected(std::move(*unreachable));
  }
  const auto options = engine_options(session, target.docker_host);
  if (!options) {
    return unexpected(options.error());
  }
  auto started = local::daemon::ensure_running(*options, "/proc/self/exe", session.stop());
  if (!started) {
    return unexpected(Failure{started.error().message, started.error().help});
  }
  if (started->info.version != kVersion) {
    session.warn("the local engine is version " + started->info.version + ", this program is " +
                 std::string(kVersion) +
                 "; to change it: docker ecs local stop --keep, docker ecs local start");
  }
  for (const std::string& notice : started->notices) {
    session.warn(notice);
  }
  return std::move(*started);
}

}  // namespace cli
