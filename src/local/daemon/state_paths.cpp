#include "local/daemon/state_paths.hpp"

namespace local::daemon {

namespace {

bool is_absolute(const std::string& path) {
  return !path.empty() && path.front() == '/';
}

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  return path;
}

}  // namespace

StatePaths state_paths(const StateEnvironment& environment) {
  if (is_absolute(environment.docker_ecs_home)) {
    return {without_trailing_slash(environment.docker_ecs_home)};
  }
  if (is_absolute(environment.xdg_state_home)) {
    return {without_trailing_slash(environment.xdg_state_home) + "/docker-ecs"};
  }
  if (is_absolute(environment.home)) {
    return {without_trailing_slash(environment.home) + "/.local/state/docker-ecs"};
  }
  return {};
}

}  // namespace local::daemon
