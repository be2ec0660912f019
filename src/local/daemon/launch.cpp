#include "local/daemon/launch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "local/daemon/ask_engine.hpp"
#include "local/daemon/engine_lock.hpp"
#include "local/daemon/files.hpp"
#include "util/file_system.hpp"
#include "util/strings.hpp"

namespace local::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto kStartLimit = 20s;
constexpr auto kPoll = 3ms;
constexpr auto kAskLimit = 2s;
constexpr auto kLookForStop = 50ms;  // how soon a Ctrl-C is heard while an engine starts
constexpr int kAttempts = 3;
constexpr int kReadyFd = 3;  // in the engine process

// The engine outlives the shell that happened to start it, so it gets what a service would get, and
// no credentials.
bool is_inherited(std::string_view variable) {
  constexpr std::array<std::string_view, 14> kPrefixes = {"DOCKER_",
                                                          "XDG_",
                                                          "HOME=",
                                                          "PATH=",
                                                          "USER=",
                                                          "LOGNAME=",
                                                          "TMPDIR=",
                                                          "TZ=",
                                                          "LANG=",
                                                          "LC_",
                                                          "SSL_",
                                                          "ASAN_OPTIONS=",
                                                          "TSAN_OPTIONS=",
                                                          "UBSAN_OPTIONS="};
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

std::vector<char*> engine_environment() {
  std::vector<char*> kept;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (is_inherited(*variable)) {
      kept.push_back(*variable);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void become_engine(const char* program,
                                char** arguments,
                                char** variables,
                                int ready) {
  ::setsid();
  const pid_t grandchild = ::fork();
  if (grandchild != 0) {
    ::_exit(grandchild < 0 ? 1 : 0);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(null, STDERR_FILENO);
  if (ready == kReadyFd) {
    ::fcntl(ready, F_SETFD, 0);
  } else {
    ::dup2(ready, kReadyFd);
  }
  ::close_range(kReadyFd + 1, ~0U, 0);
  if (::chdir("/") == 0) {
    ::execve(program, arguments, variables);
  }
  ::_exit(127);
}

std::string read_report(int fd, std::chrono::milliseconds limit, const std::stop_token& stop) {
  std::string report;
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || stop.stop_requested()) {
      return report;
    }
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(
        &waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), kLookForStop.count())));
    if (ready == 0 || (ready < 0 && errno == EINTR)) {
      continue;
    }
    if (ready < 0) {
      return report;
    }
    char bytes[4096];
    const ssize_t got = ::read(fd, bytes, sizeof bytes);
    if (got <= 0) {
      return report;
    }
    report.append(bytes, static_cast<std::size_t>(got));
  }
}

// "/proc/self/exe" by its real name, so that a list of processes says what it is.
std::string executable(const std::string& program) {
  const auto name =
      program.starts_with("/proc/") ? util::RealFileSystem().read_link(program) : std::nullopt;
  return name && !name->ends_with(" (deleted)") ? *name : program;
}

util::Result<std::string, StartFailure> launch(const RunOptions& options,
                                               const std::string& program,
                                               const std::stop_token& stop) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return util::unexpected(
        StartFailure{.message = "cannot make a pipe: " + util::file_error(errno).message});
  }
  RunOptions child = options;
  child.ready_fd = kReadyFd;
  std::vector<std::string> words = to_arguments(child);
  words.insert(words.begin(), {executable(program), "__engine"});
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  std::vector<char*> variables = engine_environment();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become_engine(words.front().c_str(), arguments.data(), variables.data(), ends[1]);
  }
  const int reason = errno;
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return util::unexpected(
        StartFailure{.message = "cannot fork: " + util::file_error(reason).message});
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::string report = read_report(ends[0], kStartLimit, stop);
  ::close(ends[0]);
  return report;
}

StartFailure stopped_waiting() {
  return {.message = "stopped waiting for the local engine to start",
          .help = "docker ecs local status"};
}

// Waits for an engine that somebody else is starting.
std::optional<EngineInfo> wait_running(const StatePaths& paths,
                                       std::chrono::milliseconds limit,
                                       const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + limit;
  do {
    if (auto info = find_running(paths)) {
      return info;
    }
    std::this_thread::sleep_for(kPoll);
  } while (std::chrono::steady_clock::now() < end && !stop.stop_requested() &&
           EngineLock::holder(paths.lock()));
  return find_running(paths);
}

// A process that was killed a moment ago still holds its lock and does not answer any more: waits
// until it is gone. One that lives and is too busy to answer is not dying.
bool is_dying(const EngineInfo& info, const StatePaths& paths, const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + kAskLimit;
  while (!ask_engine(info.port, kAskLimit)) {
    const auto holder = EngineLock::holder(paths.lock());
    if (!holder || (*holder > 0 && *holder != info.pid)) {
      return true;
    }
    if (std::chrono::steady_clock::now() > end || stop.stop_requested()) {
      return false;
    }
    std::this_thread::sleep_for(kPoll);
  }
  return false;
}

util::Result<Started, StartFailure> accept_running(EngineInfo info, const RunOptions& options) {
  if (info.docker_host != options.docker_host) {
    return util::unexpected(StartFailure{
        .message = "the local engine is running on the Docker Engine at " + info.docker_host +
                   ", this context uses " + options.docker_host,
        .help =
            "stop it (docker ecs local stop), or give this context an engine of its own with DOCKER_ECS_HOME "
            "and DOCKER_ECS_PORT"});
  }
  return Started{std::move(info), true, {}};
}

}  // namespace

std::optional<EngineInfo> find_running(const StatePaths& paths) {
  const auto holder = EngineLock::holder(paths.lock());
  if (!holder) {
    return std::nullopt;
  }
  const auto text = read_small_file(paths.info());
  auto info = text ? parse_engine_info(*text) : std::nullopt;
  // Left behind by an engine that was killed, or damaged. (A holder in another process namespace
  // has no id here.)
  if (*holder > 0 && (!info || info->pid != *holder)) {
    return ask_process(*holder, kAskLimit);
  }
  return info;
}

util::Result<Started, StartFailure> ensure_running(const RunOptions& options,
                                                   const std::string& program,
                                                   const std::stop_token& stop) {
  if (auto info = find_running(options.paths); info && !is_dying(*info, options.paths, stop)) {
    return accept_running(std::move(*info), options);
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto report = launch(options, program, stop);
    if (stop.stop_requested()) {
      return util::unexpected(stopped_waiting());
    }
    if (!report) {
      return util::unexpected(report.error());
    }
    auto [failure, notices] = parse_report(*report);
    if (failure && !failure->other_is_running) {
      return util::unexpected(std::move(*failure));
    }
    if (auto info = wait_running(options.paths, kStartLimit, stop)) {
      return failure ? accept_running(std::move(*info), options)
                     : Started{std::move(*info), false, std::move(notices)};
    }
    if (stop.stop_requested()) {
      return util::unexpected(stopped_waiting());
    }
    if (const auto holder = EngineLock::holder(options.paths.lock())) {
      return util::unexpected(
          StartFailure{.message = "the local engine (process " + std::to_string(*holder) +
                                  ") runs, but " + options.paths.info() + " does not describe it",
                       .help = "end it with \"docker ecs local stop\", then try again"});
    }
    // Somebody else's engine held the lock and then did not start after all: our turn.
  }
  return util::unexpected(StartFailure{.message = "the local engine ended right after it started",
                                       .help = "see `docker ecs local logs`"});
}

StopOutcome stop(const StatePaths& paths, std::chrono::milliseconds limit) {
  const auto holder = EngineLock::holder(paths.lock());
  if (!holder) {
    return StopOutcome::was_not_running;
  }
  if (*holder <= 0 || ::kill(*holder, SIGTERM) != 0) {
    return EngineLock::holder(paths.lock()) ? StopOutcome::refused : StopOutcome::stopped;
  }
  const auto end = std::chrono::steady_clock::now() + limit;
  while (EngineLock::holder(paths.lock()) == holder) {
    if (std::chrono::steady_clock::now() > end) {
      ::kill(*holder, SIGKILL);
      while (EngineLock::holder(paths.lock()) == holder) {
        std::this_thread::sleep_for(kPoll);
      }
      return StopOutcome::killed;
    }
    std::this_thread::sleep_for(kPoll);
  }
  return StopOutcome::stopped;
}

std::int64_t resident_kib(int pid) {
  const auto status = read_small_file("/proc/" + std::to_string(pid) + "/status");
  const std::size_t at = status ? status->find("VmRSS:") : std::string::npos;
  if (at == std::string::npos) {
    return 0;
  }
  const std::string line = status->substr(at + 6, status->find('\n', at) - at - 6);
  return util::parse_int(util::trim(std::string_view(line).substr(0, line.find("kB")))).value_or(0);
}

}  // namespace local::daemon
