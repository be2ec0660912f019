#pragma once

#include "convert/builder.hpp"

namespace convert {

// Reports what CloudFormation would refuse (cloudformation/check.hpp) before it can fail a
// deployment: what an overlay or a patch of the user broke at its place there, anything else at
// what it comes from: a value of the Compose file that AWS does not take, or a fault of ours.
void guard(Builder& builder, const cloudformation::Template& t);

}  // namespace convert
