#pragma once

#include <span>
#include <string_view>

namespace cloudformation {

// What model/*.cfn says about one resource type (format: tools/import_cfn_specification.py).
struct SpecificationRow {
  std::string_view type;
  std::string_view text;
};

// Sorted by type. Generated at build time.
std::span<const SpecificationRow> specification_rows();

}  // namespace cloudformation
