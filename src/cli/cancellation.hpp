#pragma once

#include <stop_token>
#include <string>
#include <thread>

#include "util/environment.hpp"

namespace cli {

// Turns SIGINT, SIGTERM, SIGHUP and the end of the docker CLI (its plugin socket closes) into one
// stop request. A second signal ends the process at once with exit code 130. One object a process.
class Cancellation {
 public:
  // Connects to $DOCKER_CLI_PLUGIN_SOCKET when that is set; a socket that cannot be reached is
  // ignored.
  explicit Cancellation(const util::Environment& environment);
  ~Cancellation();
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  void watch();

  std::stop_source source_;
  int pipe_read_ = -1;
  int pipe_write_ = -1;
  int plugin_socket_ = -1;
  std::thread watcher_;
};

}  // namespace cli
