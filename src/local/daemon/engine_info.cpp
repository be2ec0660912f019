#include "local/daemon/engine_info.hpp"

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"

namespace local::daemon {

namespace {

std::string info_text(const doc::Node& node, std::string_view key) {
  const doc::Node* value = node.find(key);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

std::int64_t info_number(const doc::Node& node, std::string_view key) {
  const doc::Node* value = node.find(key);
  const std::int64_t* number = value == nullptr ? nullptr : value->as_int();
  return number == nullptr ? 0 : *number;
}

}  // namespace

doc::Node to_node(const EngineInfo& info) {
  return doc::map({{"pid", doc::Node(info.pid)},
                   {"port", doc::Node(std::int64_t{info.port})},
                   {"engine_id", doc::Node(info.engine_id)},
                   {"version", doc::Node(info.version)},
                   {"region", doc::Node(info.region)},
                   {"docker_host", doc::Node(info.docker_host)},
                   {"started", doc::Node(info.started_ms)}});
}

std::string to_json(const EngineInfo& info) {
  return doc::to_json(to_node(info)) + "\n";
}

std::optional<EngineInfo> parse_engine_info(std::string_view json) {
  const auto node = doc::read_json(json);
  if (!node) {
    return std::nullopt;
  }
  const std::int64_t port = info_number(*node, "port");
  if (port <= 0 || port > 65535) {
    return std::nullopt;
  }
  return EngineInfo{.pid = static_cast<int>(info_number(*node, "pid")),
                    .port = static_cast<std::uint16_t>(port),
                    .engine_id = info_text(*node, "engine_id"),
                    .version = info_text(*node, "version"),
                    .region = info_text(*node, "region"),
                    .docker_host = info_text(*node, "docker_host"),
                    .started_ms = info_number(*node, "started")};
}

}  // namespace local::daemon
