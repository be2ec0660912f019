#include "local/daemon/run.hpp"

#include <cstdio>
#include <thread>

#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "docker/http_engine.hpp"
#include "local/daemon/engine_info.hpp"
#include "local/daemon/engine_lock.hpp"
#include "local/daemon/files.hpp"
#include "local/daemon/key_file.hpp"
#include "local/daemon/log_file.hpp"
#include "local/daemon/port_owner.hpp"
#include "local/engine.hpp"
#include "local/random_ids.hpp"
#include "local/scheduler/task_networks.hpp"
#include "local/state/sqlite_store.hpp"
#include "local/worker_pool.hpp"
#include "util/system_clock.hpp"

namespace local::daemon {

namespace {

constexpr std::size_t kWorkerThreads = 48;
constexpr auto kLongestWait = std::chrono::seconds(5);
constexpr auto kTrimEvery = std::chrono::seconds(20);

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, signal);
  }
  return set;
}

// Turns the first ending signal into the end of the loop. Every thread inherits the mask, so this
// one gets it.
class SignalThread {
 public:
  explicit SignalThread(ControlLoop& loop)
      : thread_([&loop] {
          const sigset_t set = ending_signals();
          int signal = 0;
          sigwait(&set, &signal);
          loop.stop();
        }) {}

  ~SignalThread() { thread_.join(); }  // the loop ends by a signal only, so it has come

  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  std::thread thread_;
};

// Tells the waiting parent once; in the foreground a failure goes to stderr.
class Reporter {
 public:
  explicit Reporter(int fd) : fd_(fd) {}

  ~Reporter() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  void ready(const std::vector<std::string>& notices) { send(ready_report(notices)); }

  int failed(const StartFailure& failure) {
    if (fd_ < 0) {
      std::fprintf(stderr, "error: %s\nhelp: %s\n", failure.message.c_str(), failure.help.c_str());
    }
    send(failure_report(failure));
    return 1;
  }

 private:
  void send(const std::string& report) {
    if (fd_ >= 0) {
      static_cast<void>(::write(fd_, report.data(), report.size()));
      ::close(fd_);
      fd_ = -1;
    }
  }

  int fd_;
};

StartFailure no_directory(const StatePaths& paths, const std::string& reason) {
  return {
      .message = "the engine's state directory " + paths.directory + " cannot be used: " + reason,
      .help = "make it writable, or choose another one with DOCKER_ECS_HOME"};
}

StartFailure no_port(std::uint16_t port, const ServeFailure& failure) {
  const std::string address = "127.0.0.1:" + std::to_string(port);
  if (!failure.port_taken) {
    return {.message = "the local engine cannot listen on " + address + ": " + failure.reason};
  }
  const std::string owner = port_owner(port);
  return {
      .message = "the local engine's port " + address + " is taken" +
                 (owner.empty() ? "" : " by " + owner),
      .help = "end that program, or choose another port with DOCKER_ECS_PORT (0 = any free one)"};
}

constexpr std::size_t kIdDigits = 12;

bool is_engine_id(std::string_view text) {
  return text.size() == kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// What outlives a damaged database: the containers on this machine carry this id. When its own file
// is damaged, the last engine's description still has it.
util::Result<std::string, FileProblem> engine_id(const StatePaths& paths, Ids& ids) {
  const auto kept = read_small_file(paths.id());
  if (kept && is_engine_id(*kept)) {
    return *kept;
  }
  const auto text = read_small_file(paths.info());
  const auto last = text ? parse_engine_info(*text) : std::nullopt;
  std::string id = last && is_engine_id(last->engine_id) ? last->engine_id : ids.hex(kIdDigits);
  if (auto written = write_private_file(paths.id(), id); !written) {
    return util::unexpected(std::move(written.error()));
  }
  return id;
}

StartFailure no_docker(const std::string& host, const docker::Error& error) {
  const bool forbidden = error.message.find("ermission denied") != std::string::npos;
  // A failed connection names the address itself.
  const std::string where = error.message.starts_with(host) ? "" : host + ": ";
  return {
      .message = "Docker Engine does not answer at " + where + error.message,
      .help =
          forbidden
              ? "let this user use it: sudo usermod -aG docker $USER, then log in again"
              : "start it: sudo systemctl start docker (without systemd: sudo service docker start, or "
                "sudo dockerd)"};
}

util::Result<std::unique_ptr<docker::Engine>, StartFailure> reach_docker(const std::string& host) {
  auto engine = docker::make_http_engine(host);
  if (!engine) {
    return util::unexpected(no_docker(host, engine.error()));
  }
  if (const auto answer = (*engine)->ping(); !answer) {
    return util::unexpected(no_docker(host, answer.error()));
  }
  return std::move(*engine);
}

// Threads allocate little; without this each would keep an arena of its own.
void keep_memory_small() {
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

class Daemon {
 public:
  Daemon(const RunOptions& options, Reporter& reporter) : options_(options), reporter_(reporter) {}

  void capture_streams() { log_.capture_standard_streams(); }

  int run(const Serve& serve) {
    auto opened = SqliteStore::open(options_.paths.database(), clock_.now());
    if (!opened) {
      return fail({.message = opened.error(),
                   .help = "free disk space, or check the directory's permissions"});
    }
    if (!opened->set_aside.empty()) {
      notice("the local engine's database was damaged; it was kept as " + opened->set_aside +
             ", and the engine begins with an empty one: deploy again what should run");
    }
    auto logs = LogStorage::open(options_.paths.logs_database(), clock_.now());
    if (!logs) {
      return fail({.message = logs.error(),
                   .help = "free disk space, or check the directory's permissions"});
    }
    if (!logs->set_aside.empty()) {
      notice("the local engine's log database was damaged; it was kept as " + logs->set_aside +
             ", and the engine begins with an empty one");
    }
    const auto id = engine_id(options_.paths, ids_);
    if (!id) {
      return fail(no_directory(options_.paths, id.error()));
    }
    const auto key = open_key(options_.paths, *opened->store);
    if (!key) {
      return fail(key.error());
    }
    const Sealer sealer(*key);
    auto docker = reach_docker(options_.docker_host);
    if (!docker) {
      return fail(docker.error());
    }
    if (!options_.subnets.empty() && !ecs::parse_range(options_.subnets)) {
      return fail(
          {.message = "\"" + options_.subnets + "\" is no range of addresses for task networks",
           .help = "set DOCKER_ECS_SUBNETS to one like 10.213.0.0/16, or leave it out"});
    }
    ControlLoop loop;
    WorkerPool workers(loop, kWorkerThreads);
    Engine engine({.engine_id = *id,
                   .region = options_.region,
                   .time_scale = options_.time_scale,
                   .directory = options_.paths.directory,
                   .subnets = options_.subnets},
                  {*opened->store,
                   loop,
                   workers,
                   clock_,
                   ids_,
                   sealer,
                   *logs->storage,
                   **docker,
                   [this](std::string_view line) { log_.line(line); }});
    auto server = serve(engine, options_.port);
    if (!server) {
      return fail(no_port(options_.port, server.error()));
    }
    engine.restore();
    if (auto written = write_info(*id, (*server)->port()); !written) {
      return fail(no_directory(options_.paths, written.error()));
    }
    const SignalThread signals(loop);
    reporter_.ready(notices_);
    log_.line("ready on 127.0.0.1:" + std::to_string((*server)->port()));
    auto trimmed = clock_.now();
    while (engine.step_or_wait(kLongestWait)) {
      // What large answers took goes back to the system.
      if (clock_.now() - trimmed > kTrimEvery) {
        malloc_trim(0);
        trimmed = clock_.now();
      }
    }
    log_.line("stopping");
    server->reset();
    opened->store->checkpoint();
    if (workers.busy()) {
      // A call to Docker may take its time to end; everything that counts is on disk.
      ::_exit(0);
    }
    return 0;
  }

 private:
  void notice(std::string text) {
    log_.line(text);
    notices_.push_back(std::move(text));
  }

  int fail(const StartFailure& failure) {
    log_.line("not started: " + failure.message);
    return reporter_.failed(failure);
  }

  util::Result<void, FileProblem> write_info(const std::string& id, std::uint16_t port) {
    return write_private_file(options_.paths.info(),
                              to_json(EngineInfo{
                                  .pid = ::getpid(),
                                  .port = port,
                                  .engine_id = id,
                                  .version = options_.version,
                                  .region = options_.region,
                                  .docker_host = options_.docker_host,
                                  .started_ms = clock_.now().time_since_epoch().count(),
                              }));
  }

  const RunOptions& options_;
  Reporter& reporter_;
  std::vector<std::string> notices_;
  util::SystemClock clock_;
  RandomIds ids_;
  LogFile log_{options_.paths.log(), clock_};
};

}  // namespace

int run(const RunOptions& options, const Serve& serve) {
  keep_memory_small();
  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t ending = ending_signals();
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  Reporter reporter(options.ready_fd);
  if (auto made = make_private_directory(options.paths.directory); !made) {
    return reporter.failed(no_directory(options.paths, made.error()));
  }
  const auto lock = EngineLock::take(options.paths.lock());
  if (!lock) {
    return reporter.failed(lock.error().held_by_other
                               ? StartFailure{.message = "the local engine is running already",
                                              .help = "docker ecs local status",
                                              .other_is_running = true}
                               : no_directory(options.paths, lock.error().reason));
  }
  Daemon daemon(options, reporter);
  if (options.ready_fd >= 0) {
    daemon.capture_streams();
  }
  return daemon.run(serve);
}

}  // namespace local::daemon
