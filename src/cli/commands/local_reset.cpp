#include <filesystem>
#include <system_error>

#include <unistd.h>

#include "cli/commands/local.hpp"
#include "cli/options.hpp"
#include "cli/present/prompt.hpp"
#include "cli/session.hpp"

namespace cli {
namespace {

// Everything but the lock, which the next engine needs, and what was set aside.
void remove_state(const local::daemon::StatePaths& paths) {
  for (const std::string& database : {paths.database(), paths.logs_database()}) {
    for (const char* part : {"", "-wal", "-shm"}) {
      ::unlink((database + part).c_str());
    }
  }
  for (const std::string& file :
       {paths.info(), paths.key(), paths.id(), paths.log(), paths.log() + ".1"}) {
    ::unlink(file.c_str());
  }
  std::error_code ignored;
  std::filesystem::remove_all(paths.objects(), ignored);
}

ExitCode reset_engine(Session& session, const Options& options) {
  const auto state = engine_state(session);
  if (!state) {
    return session.fail(state.error());
  }
  if (!options.is_set("force")) {
    Prompter prompter(session.in(), session.err(), session.stop());
    if (!prompter.can_ask()) {
      return session.fail("this removes every stack, task, secret and log of the local engine",
                          "say --force to do it without a question");
    }
    const auto answer =
        prompter.confirm("Remove every stack, task, secret and log of the local engine in " +
                             state->options.paths.directory + "?",
                         false);
    if (!answer.value_or(false)) {
      session.say("Nothing was removed.");
      return answer ? ExitCode::ok : ExitCode::interrupted;
    }
  }
  if (!end_engine(session, *state)) {
    return ExitCode::failure;
  }
  const auto cleanup = take_away(*state, Take::everything);
  if (!cleanup) {
    return session.fail(cleanup.error());
  }
  for (const std::string& problem : cleanup->problems) {
    session.fail(problem);
  }
  if (!cleanup->problems.empty()) {
    return session.fail("the state was kept, because something of it is left",
                        "docker ecs local reset");
  }
  remove_state(state->options.paths);
  session.say("The local engine is as new: removed " + std::to_string(cleanup->containers) +
              " containers, " + std::to_string(cleanup->networks) + " networks, " +
              std::to_string(cleanup->volumes) + " volumes and all state.");
  return ExitCode::ok;
}

}  // namespace

Command local_reset_command() {
  return {
      .name = "reset",
      .tier = Tier::daemon,
      .summary = "Remove everything the local engine holds",
      .details =
          "Ends the engine, removes its containers, networks and volumes, and deletes its database, "
          "its logs and its key. Databases that were found damaged are kept.",
      .examples =
          "docker ecs local reset\n"
          "docker ecs local reset --force",
      .flags = {{.name = "force", .shorthands = "f", .help = "Do not ask"}},
      .run = reset_engine,
  };
}

}  // namespace cli
