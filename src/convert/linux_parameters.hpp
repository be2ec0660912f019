#pragma once

#include "convert/builder.hpp"

namespace convert {

// `init`, `cap_add`, `cap_drop` and `tmpfs` (both spellings) as LinuxParameters; null when none is
// used.
doc::Node linux_parameters(Builder& builder, const compose::Service& service);

}  // namespace convert
