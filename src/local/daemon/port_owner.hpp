#pragma once

#include <cstdint>
#include <string>

namespace local::daemon {

// Who listens on a TCP port of this machine, for an error message: "nginx (process 812)". Empty
// when it cannot be told (another user's process).
std::string port_owner(std::uint16_t port);

}  // namespace local::daemon
