#pragma once

#include <cstdint>
#include <optional>

namespace convert {

// A task size that Fargate offers.
struct FargateSize {
  std::int64_t cpu_units = 256;  // 1024 = 1 vCPU
  std::int64_t memory_mib = 512;
  friend bool operator==(const FargateSize&, const FargateSize&) = default;
};

// The smallest size with at least so much of both; nothing when the largest (16 vCPU, 120 GiB) is
// too small.
std::optional<FargateSize> fargate_size(double vcpus, std::int64_t memory_bytes);

}  // namespace convert
