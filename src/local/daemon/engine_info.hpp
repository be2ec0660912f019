#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "doc/node.hpp"

namespace local::daemon {

// What a running engine says about itself in engine.json.
struct EngineInfo {
  int pid = 0;
  std::uint16_t port = 0;  // of the endpoint on 127.0.0.1
  std::string engine_id{};
  std::string version{};
  std::string region{};
  std::string docker_host{};
  std::int64_t started_ms = 0;  // since the epoch

  [[nodiscard]] std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port); }
};

doc::Node to_node(const EngineInfo& info);
std::string to_json(const EngineInfo& info);
// Nothing when it is not what to_json wrote.
std::optional<EngineInfo> parse_engine_info(std::string_view json);

}  // namespace local::daemon
