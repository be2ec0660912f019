#pragma once

#include <memory>
#include <string_view>

#include "docker/engine.hpp"

namespace docker {

// The engine at `host` ("unix:///var/run/docker.sock", "tcp://127.0.0.1:2375", the Host of a Docker
// context; empty = the standard socket). Connects at first use and keeps connections; speaks the
// newest API version that both sides know. Fails only when `host` itself makes no sense; whether an
// engine answers, ping() tells.
Result<std::unique_ptr<Engine>> make_http_engine(std::string_view host);

}  // namespace docker
