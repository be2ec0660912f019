#include "cloudformation/fargate_sizes.hpp"

#include <algorithm>
#include <array>

namespace cloudformation {
namespace {

constexpr std::array<FargateSizes, 7> kFargateSizes{{{256, 512, 2048, 1024},
                                                     {512, 1024, 4096, 1024},
                                                     {1024, 2048, 8192, 1024},
                                                     {2048, 4096, 16384, 1024},
                                                     {4096, 8192, 30720, 1024},
                                                     {8192, 16384, 61440, 4096},
                                                     {16384, 32768, 122880, 8192}}};

}  // namespace

std::span<const FargateSizes> fargate_sizes() {
  return kFargateSizes;
}

bool is_fargate_size(std::int64_t cpu_units, std::int64_t memory_mib) {
  return std::ranges::any_of(kFargateSizes, [&](const FargateSizes& row) {
    const bool in_range = memory_mib >= row.least && memory_mib <= row.most;
    return row.cpu_units == cpu_units && in_range &&
           (memory_mib == row.least || memory_mib % row.step == 0);
  });
}

}  // namespace cloudformation
