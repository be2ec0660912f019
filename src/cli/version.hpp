#pragma once

#include <string>
#include <string_view>

namespace cli {

extern const std::string_view kVersion;

// "docker ecs version 0.1.0\n"
std::string version_line();
// The answer to docker-cli-plugin-metadata, one JSON object on one line.
std::string plugin_metadata();

}  // namespace cli
