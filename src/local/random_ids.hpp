#pragma once

#include "local/context.hpp"

namespace local {

// Ids from the operating system's random numbers.
class RandomIds final : public Ids {
 public:
  std::string hex(std::size_t digits) override;
  std::string alnum(std::size_t length) override;
};

}  // namespace local
