#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "local/daemon/start_report.hpp"
#include "local/daemon/state_paths.hpp"
#include "util/result.hpp"

namespace local {
class Engine;
}

namespace local::daemon {

// Everything an engine process is told by the one that starts it.
struct RunOptions {
  StatePaths paths;
  std::uint16_t port = 4566;  // 0: any free one
  std::string region = "us-east-1";
  std::string docker_host = "unix:///var/run/docker.sock";
  std::string subnets;  // of task networks; empty: the default range
  double time_scale = 0.025;
  std::string version;
  int ready_fd =
      -1;  // where to report the outcome of the start; -1: nobody waits, stay in the foreground
};

// As arguments of the hidden command (without its name), and back. No value among them is secret.
std::vector<std::string> to_arguments(const RunOptions& options);
util::Result<RunOptions, std::string> parse_arguments(const std::vector<std::string>& arguments);

// What answers requests while it lives.
class Server {
 public:
  Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

struct ServeFailure {
  bool port_taken = false;
  std::string reason{};
};

// Begins to serve `engine` on 127.0.0.1:`port` (0: any free one). Called before the engine takes up
// its old work, so that a taken port changes nothing; requests wait until the engine steps.
using Serve =
    std::function<util::Result<std::unique_ptr<Server>, ServeFailure>(Engine& engine,
                                                                      std::uint16_t port)>;

// The engine's whole life: takes the lock, opens the state, serves until SIGTERM or SIGINT. Tasks'
// containers are left running: the next engine adopts them. Returns the exit code of the process.
int run(const RunOptions& options, const Serve& serve);

}  // namespace local::daemon
