#include "convert/fargate_size.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace convert {
namespace {

struct CpuRow {
  std::int64_t cpu_units;
  std::int64_t least_mib;
  std::int64_t most_mib;
  std::int64_t step_mib;  // above 512 MiB, which stands alone
};

constexpr std::array<CpuRow, 7> kRows = {{{256, 512, 2048, 1024},
                                          {512, 1024, 4096, 1024},
                                          {1024, 2048, 8192, 1024},
                                          {2048, 4096, 16384, 1024},
                                          {4096, 8192, 30720, 1024},
                                          {8192, 16384, 61440, 4096},
                                          {16384, 32768, 122880, 8192}}};

std::int64_t round_up(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace

std::optional<FargateSize> fargate_size(double vcpus, std::int64_t memory_bytes) {
  constexpr std::int64_t kMib = 1024 * 1024;
  const std::int64_t memory_mib = round_up(std::max<std::int64_t>(memory_bytes, 0), kMib) / kMib;
  // Compose limits are decimal fractions; the slack keeps 0.25 from becoming 0.2500000001.
  const double cpu_units = vcpus * 1024.0 - 1e-6;
  for (const CpuRow& row : kRows) {
    if (static_cast<double>(row.cpu_units) < cpu_units || row.most_mib < memory_mib) {
      continue;
    }
    if (memory_mib <= row.least_mib) {
      return FargateSize{row.cpu_units, row.least_mib};
    }
    return FargateSize{row.cpu_units, round_up(memory_mib, row.step_mib)};
  }
  return std::nullopt;
}

}  // namespace convert
