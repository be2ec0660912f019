#pragma once

#include "util/clock.hpp"

namespace util {

// The machine's clock. Made in main, handed down.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace util
