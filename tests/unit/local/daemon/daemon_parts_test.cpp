#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "local/daemon/engine_info.hpp"
#include "local/daemon/engine_lock.hpp"
#include "local/daemon/files.hpp"
#include "local/daemon/launch.hpp"
#include "local/daemon/log_file.hpp"
#include "local/daemon/run.hpp"
#include "local/daemon/start_report.hpp"
#include "local/daemon/state_paths.hpp"
#include "support/fake_context.hpp"
#include "support/temp_dir.hpp"

using namespace local::daemon;

TEST_CASE("the state directory follows the environment") {
  const auto directory = [](StateEnvironment environment) {
    return state_paths(environment).directory;
  };
  CHECK(directory({"/x/", "/y", "/home/u"}) == "/x");
  CHECK(directory({"", "/y", "/home/u"}) == "/y/docker-ecs");
  CHECK(directory({"relative", "also/relative", "/home/u"}) == "/home/u/.local/state/docker-ecs");
  CHECK(directory({"", "", ""}).empty());
}

TEST_CASE("options pass through the arguments of the hidden command") {
  RunOptions options;
  options.paths.directory = "/a b";
  options.port = 0;
  options.docker_host = "unix:///x.sock";
  options.subnets = "10.9.0.0/16";
  options.time_scale = 0.1;
  options.version = "1.2.3";
  options.ready_fd = 3;
  const auto back = parse_arguments(to_arguments(options));
  REQUIRE(back.has_value());
  CHECK(to_arguments(*back) == to_arguments(options));
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{},
                                             {"--port", "4566"},
                                             {"--state-directory"},
                                             {"--state-directory", "/a", "--port", "65536"},
                                             {"--state-directory", "/a", "--time-scale", "-1"},
                                             {"--state-directory", "/a", "--other", "1"}}) {
    CHECK_FALSE(parse_arguments(bad).has_value());
  }
}

TEST_CASE("engine.json reads back, and anything else is nothing") {
  const EngineInfo info{.pid = 12,
                        .port = 4566,
                        .engine_id = "e",
                        .version = "0.1",
                        .region = "r",
                        .docker_host = "unix:///s",
                        .started_ms = 1'767'323'045'000};
  const auto back = parse_engine_info(to_json(info));
  REQUIRE(back.has_value());
  CHECK(to_json(*back) == to_json(info));
  CHECK(back->endpoint() == "http://127.0.0.1:4566");
  CHECK_FALSE(parse_engine_info("{\"port\":0}").has_value());
  CHECK_FALSE(parse_engine_info("").has_value());
}

TEST_CASE("a report that is cut short is a failure") {
  const auto ready = parse_report(ready_report({"damaged"}));
  CHECK_FALSE(ready.failure.has_value());
  CHECK(ready.notices == std::vector<std::string>{"damaged"});
  const auto failure =
      parse_report(failure_report({.message = "m", .help = "h", .other_is_running = true})).failure;
  REQUIRE(failure.has_value());
  CHECK(failure->message == "m");
  CHECK(failure->help == "h");
  CHECK(failure->other_is_running);
  CHECK(parse_report("").failure.has_value());
  CHECK(parse_report("{\"rea").failure.has_value());
}

TEST_CASE("one process at a time holds the lock, and the kernel names it") {
  const test::TempDir dir;
  const std::string path = dir / "engine.lock";
  CHECK_FALSE(EngineLock::holder(path).has_value());
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = EngineLock::take(path);
    static_cast<void>(::write(ready[1], lock ? "y" : "n", 1));
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  CHECK(EngineLock::holder(path) == child);
  const auto second = EngineLock::take(path);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().held_by_other);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_FALSE(EngineLock::holder(path).has_value());
  CHECK(EngineLock::take(path).has_value());
}

TEST_CASE("an engine.json that an ended engine left behind is not a running engine") {
  const test::TempDir dir;
  const StatePaths paths{dir.path()};
  REQUIRE(write_private_file(paths.info(), to_json(EngineInfo{.pid = 1, .port = 1})).has_value());
  CHECK_FALSE(find_running(paths).has_value());
  CHECK(stop(paths, std::chrono::milliseconds(10)) == StopOutcome::was_not_running);
}

TEST_CASE("the log rotates and keeps one line an event") {
  const test::TempDir dir;
  const test::FakeClock clock;
  LogFile log(dir / "engine.log", clock, 100);
  log.line("first\nline");
  CHECK(read_small_file(dir / "engine.log") == "2026-01-02T03:04:05.000Z first\\nline\n");
  log.line(std::string(70, 'x'));
  CHECK(read_small_file(dir / "engine.log.1") == "2026-01-02T03:04:05.000Z first\\nline\n");
  CHECK(read_small_file(dir / "engine.log") ==
        "2026-01-02T03:04:05.000Z " + std::string(70, 'x') + "\n");
}

TEST_CASE("state files are private") {
  const test::TempDir dir;
  const std::string path = dir / "a/b/c";
  REQUIRE(make_private_directory(path).has_value());
  CHECK(make_private_directory(path).has_value());
  REQUIRE(write_private_file(path + "/f", "text").has_value());
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  REQUIRE(::stat((path + "/f").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(make_private_directory("/proc/nowhere").error() == "no such file or directory");
  CHECK(make_private_directory(path + "/f").error() == "not a directory");
}
