#include "convert/fargate_size.hpp"

#include <doctest/doctest.h>

using convert::fargate_size;
using convert::FargateSize;

namespace {
constexpr std::int64_t kMiB = 1024 * 1024;
}

TEST_CASE("the smallest size that holds both") {
  CHECK(fargate_size(0, 0) == FargateSize{256, 512});
  CHECK(fargate_size(0.25, 512 * kMiB) == FargateSize{256, 512});
  CHECK(fargate_size(0.25, 512 * kMiB + 1) == FargateSize{256, 1024});
  CHECK(fargate_size(0.255, 0) == FargateSize{512, 1024});
  CHECK(fargate_size(0.1, 3000 * kMiB) == FargateSize{512, 3072});
  CHECK(fargate_size(2, 0) == FargateSize{2048, 4096});
  CHECK(fargate_size(0.5, 31000 * kMiB) == FargateSize{8192, 32768});
  CHECK(fargate_size(16, 122880 * kMiB) == FargateSize{16384, 122880});
}

TEST_CASE("beyond the largest size there is none") {
  CHECK_FALSE(fargate_size(16.5, 0));
  CHECK_FALSE(fargate_size(1, 122881 * kMiB));
}
