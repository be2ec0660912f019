#pragma once

#include <string>

#include "local/daemon/run.hpp"

namespace local {

// Serves the engine over HTTP (local/endpoint/endpoint.hpp) on a thread of its own.
daemon::Serve serve_over_http(const daemon::RunOptions& options);

// Whether something accepts connections at a Docker host ("unix:///var/run/docker.sock",
// "tcp://127.0.0.1:2375"). Takes at most 200 ms.
bool accepts_connections(const std::string& docker_host);

}  // namespace local
