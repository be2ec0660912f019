#pragma once

#include <cstdint>
#include <span>

namespace cloudformation {

// The memory that Fargate offers for one amount of CPU, in MiB: the least, then every multiple of
// the step up to the most. AWS's list "Task CPU and memory" for Linux.
struct FargateSizes {
  std::int64_t cpu_units;  // 1024 = 1 vCPU
  std::int64_t least;
  std::int64_t most;
  std::int64_t step;
};

// By CPU, smallest first.
std::span<const FargateSizes> fargate_sizes();

bool is_fargate_size(std::int64_t cpu_units, std::int64_t memory_mib);

}  // namespace cloudformation
