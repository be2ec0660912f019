#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "cli/aws_service.hpp"
#include "cli/exit_code.hpp"
#include "cli/failure.hpp"
#include "cli/globals.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/file_system.hpp"
#include "util/result.hpp"

namespace cli {

class Session;

// Opens the endpoint of a target: loads credentials, or starts the local engine. Made by main,
// replaced in tests.
using OpenService =
    std::function<util::Result<std::unique_ptr<AwsService>, Failure>(const Session&,
                                                                     const Target&)>;

// The outside world as main made it; outlives the session.
struct SessionParts {
  Output& out;
  Output& err;
  Input& in;
  const util::Environment& environment;
  const util::ReadOnlyFileSystem& files;
  const util::Clock& clock;
  std::string working_directory;  // absolute
  std::string program;            // "docker ecs", or "docker-ecs" when run alone
  std::stop_token stop;
  OpenService open_service;
};

// Everything a command may touch. Nothing below src/cli sees it: commands hand down the parts a
// library function needs.
class Session {
 public:
  Session(SessionParts parts, Globals globals);

  [[nodiscard]] Output& out() const { return parts_.out; }

  [[nodiscard]] Output& err() const { return parts_.err; }

  [[nodiscard]] Input& in() const { return parts_.in; }

  [[nodiscard]] const util::Environment& environment() const { return parts_.environment; }

  [[nodiscard]] const util::ReadOnlyFileSystem& files() const { return parts_.files; }

  [[nodiscard]] const util::Clock& clock() const { return parts_.clock; }

  [[nodiscard]] const std::string& working_directory() const { return parts_.working_directory; }

  [[nodiscard]] const std::string& program() const { return parts_.program; }

  [[nodiscard]] const Globals& globals() const { return globals_; }

  // Requested by Ctrl-C, a termination signal, or the end of the docker CLI.
  [[nodiscard]] std::stop_token stop() const { return parts_.stop; }

  // A connection to `target`'s endpoint; the caller owns it and may use it only while the session
  // lives.
  [[nodiscard]] util::Result<std::unique_ptr<AwsService>, Failure> open_service(
      const Target& target) const {
    return parts_.open_service(*this, target);
  }

  // The result, to stdout, as it is.
  void print(std::string_view text) const { parts_.out.write(text); }

  // The conversation, to stderr, with a newline.
  void say(std::string_view line) const;
  void warn(std::string_view line) const;
  // "error: …" and "help: …" on stderr; returns `code` for `return session.fail(…)`.
  ExitCode fail(std::string_view message,
                std::string_view help = {},
                ExitCode code = ExitCode::failure) const;

  ExitCode fail(const Failure& failure) const { return fail(failure.message, failure.help); }

  // --config, else DOCKER_CONFIG, else ~/.docker.
  [[nodiscard]] std::string docker_config_directory() const;
  // The user's home directory; empty when there is none.
  [[nodiscard]] std::string home() const;
  // `path` made absolute from the working directory.
  [[nodiscard]] std::string absolute(std::string_view path) const;

  // The endpoint of the current context.
  [[nodiscard]] util::Result<Target, Failure> resolve_target() const;
  // The same for a command of Tier::cloud, for which the application has resolved it already.
  [[nodiscard]] const Target& target() const;

  void set_target(Target target) { target_ = std::move(target); }

 private:
  SessionParts parts_;
  Globals globals_;
  std::optional<Target> target_;
};

}  // namespace cli
