#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace local::daemon {

// Who listens on a TCP port of this machine, for an error message: "nginx (process 812)". Empty
// when it cannot be told (another user's process).
std::string port_owner(std::uint16_t port);

// The ports of 127.0.0.1 that a process listens on. Empty when it cannot be told.
std::vector<std::uint16_t> listening_ports(int pid);

}  // namespace local::daemon
