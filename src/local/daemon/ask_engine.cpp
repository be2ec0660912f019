#include "local/daemon/ask_engine.hpp"

#include <string>

#include "local/daemon/port_owner.hpp"
#include "net/socket_transport.hpp"

namespace local::daemon {

std::optional<EngineInfo> ask_engine(std::uint16_t port, std::chrono::milliseconds limit) {
  net::SocketTransport transport;
  const auto answer =
      transport.send({.method = "GET",
                      .url = "http://127.0.0.1:" + std::to_string(port) + "/_docker-ecs/health",
                      .headers = {},
                      .body = {},
                      .timeout = limit});
  auto info = answer && answer->status == 200 ? parse_engine_info(answer->body) : std::nullopt;
  return info && info->port == port ? info : std::nullopt;
}

std::optional<EngineInfo> ask_process(int pid, std::chrono::milliseconds limit) {
  for (const std::uint16_t port : listening_ports(pid)) {
    if (auto info = ask_engine(port, limit); info && info->pid == pid) {
      return info;
    }
  }
  return std::nullopt;
}

}  // namespace local::daemon
