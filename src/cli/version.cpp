#include "cli/version.hpp"

namespace cli {

const std::string_view kVersion = DOCKER_ECS_VERSION;

std::string version_line() {
  return "docker ecs version " + std::string(kVersion) + "\n";
}

// Written by hand: docker asks on every call, before anything else may be initialised.
std::string plugin_metadata() {
  return R"({"SchemaVersion":"0.1.0","Vendor":"docker-ecs contributors","Version":"v)" +
         std::string(kVersion) +
         R"(","ShortDescription":"Run Compose applications on Amazon ECS, or on this machine"})"
         "\n";
}

}  // namespace cli
