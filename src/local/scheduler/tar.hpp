#pragma once

#include <cstdint>
#include <string>
#include <vector>

// tar archives (ustar) as Docker takes them. Pure.
namespace local::ecs {

struct TarEntry {
  std::string name;  // at most 100 bytes; a directory's ends with '/'
  std::uint32_t mode = 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string content;
};

std::string tar_archive(const std::vector<TarEntry>& entries);

}  // namespace local::ecs
