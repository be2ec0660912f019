#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "convert/builder.hpp"

namespace convert {

// Members `x-aws-…` of a mapping, as the type they must have; another type is reported and counts
// as absent. Numbers may be written as strings.
std::optional<std::string> text_extension(Builder& builder,
                                          const compose::Extensions& extensions,
                                          std::string_view key);
std::optional<std::int64_t> number_extension(Builder& builder,
                                             const compose::Extensions& extensions,
                                             std::string_view key);

// Reports `x-aws-…` keys that no part of the conversion reads.
void check_extensions(Builder& builder);

}  // namespace convert
