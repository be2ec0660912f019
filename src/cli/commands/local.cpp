#include "cli/commands/local.hpp"

#include <chrono>

#include "cli/local_engine.hpp"
#include "cli/session.hpp"
#include "docker/http_engine.hpp"
#include "local/daemon/files.hpp"
#include "local/daemon/launch.hpp"

namespace cli {
namespace {

constexpr std::chrono::seconds kEngineEnd{15};

}  // namespace

util::Result<EngineState, Failure> engine_state(const Session& session) {
  // A context that names AWS says nothing about the engine; then the standard socket counts.
  std::string docker_host = local::daemon::RunOptions{}.docker_host;
  const auto target = session.resolve_target();
  if (target && target->is_local()) {
    docker_host = std::get<LocalTarget>(target->endpoint).docker_host;
  }
  auto options = engine_options(session, docker_host);
  if (!options) {
    return util::unexpected(options.error());
  }
  EngineState state;
  state.options = std::move(*options);
  state.engine_id = local::daemon::read_small_file(state.options.paths.id()).value_or("");
  state.running = local::daemon::find_running(state.options.paths);
  // The Docker Engine it last ran on is where its containers are.
  const auto last = local::daemon::read_small_file(state.options.paths.info());
  if (const auto info = last ? local::daemon::parse_engine_info(*last) : std::nullopt) {
    state.options.docker_host = info->docker_host;
  }
  return state;
}

bool end_engine(const Session& session, const EngineState& state) {
  switch (local::daemon::stop(state.options.paths, kEngineEnd)) {
    case local::daemon::StopOutcome::was_not_running:
    case local::daemon::StopOutcome::stopped: return true;
    case local::daemon::StopOutcome::killed:
      session.warn("the engine did not end in time and was killed");
      return true;
    case local::daemon::StopOutcome::refused: break;
  }
  session.fail("the local engine in " + state.options.paths.directory + " cannot be ended",
               "it belongs to another user");
  return false;
}

util::Result<local::daemon::Cleanup, Failure> take_away(const EngineState& state, Take what) {
  if (state.engine_id.empty()) {
    return local::daemon::Cleanup{};
  }
  auto docker = docker::make_http_engine(state.options.docker_host);
  const auto answer = docker ? (*docker)->ping() : docker::Result<void>();
  if (!docker || !answer) {
    const docker::Error& error = docker ? answer.error() : docker.error();
    return util::unexpected(Failure{
        "Docker Engine does not answer at " + state.options.docker_host + ": " + error.message,
        "containers of the local engine may be left; start Docker and try again"});
  }
  return what == Take::containers ? local::daemon::remove_containers(**docker, state.engine_id)
                                  : local::daemon::remove_everything(**docker, state.engine_id);
}

Command local_command() {
  return {
      .name = "local",
      .summary = "Control the local engine",
      .details =
          "The local engine is started by the commands that need it. It serves AWS's APIs on a "
          "loopback port and runs tasks as containers of Docker Engine. DOCKER_ECS_PORT chooses "
          "the port, DOCKER_ECS_HOME where its state is kept.",
      .children =
          {
              local_logs_command(),
              local_reset_command(),
              local_start_command(),
              local_status_command(),
              local_stop_command(),
              local_trust_command(),
          },
  };
}

}  // namespace cli
