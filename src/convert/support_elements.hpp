#pragma once

#include <span>
#include <string_view>

#include "convert/support_matrix.hpp"

namespace convert {

// What becomes of the attributes outside of services: "networks.internal", "volumes.driver",
// "name". Sorted by attribute.
std::span<const SupportRow> element_support();

// A key `x-aws-…` that the converter reads.
struct ExtensionRow {
  std::string_view place;  // "service"
  std::string_view key;
  std::string_view meaning;
  std::string_view origin;  // which of the earlier tools had it; empty: neither
};

// Sorted by place, then key.
std::span<const ExtensionRow> extension_rows();

}  // namespace convert
