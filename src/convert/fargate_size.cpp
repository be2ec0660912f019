#include "convert/fargate_size.hpp"

#include <algorithm>

#include "cloudformation/fargate_sizes.hpp"

namespace convert {
namespace {

std::int64_t round_up(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace

std::optional<FargateSize> fargate_size(double vcpus, std::int64_t memory_bytes) {
  constexpr std::int64_t kMib = 1024 * 1024;
  const std::int64_t memory_mib = round_up(std::max<std::int64_t>(memory_bytes, 0), kMib) / kMib;
  // Compose limits are decimal fractions; the slack keeps 0.25 from becoming 0.2500000001.
  const double cpu_units = vcpus * 1024.0 - 1e-6;
  for (const cloudformation::FargateSizes& row : cloudformation::fargate_sizes()) {
    if (static_cast<double>(row.cpu_units) < cpu_units || row.most < memory_mib) {
      continue;
    }
    if (memory_mib <= row.least) {
      return FargateSize{row.cpu_units, row.least};
    }
    return FargateSize{row.cpu_units, round_up(memory_mib, row.step)};
  }
  return std::nullopt;
}

}  // namespace convert
