#pragma once

#include <string>
#include <string_view>

namespace local::ecs {

// The image of the container that holds the network namespace of a task with several containers:
// one static program of a few instructions that sleeps until a signal ends it.
inline constexpr std::string_view kPauseImage = "docker-ecs/pause:1";

std::string pause_program();  // an ELF executable for this machine's architecture
std::string pause_archive();  // a tar archive with it as /pause

}  // namespace local::ecs
