#pragma once

#include "convert/builder.hpp"

namespace convert {

// `x-aws-patch`: a list of JSON Patch operations (RFC 6902), applied to the template's document in
// their order. Each operation that does not work is an error at its place. Logical ids of the
// earlier tools are understood.
void apply_patch(Builder& builder, const cloudformation::Template& target, doc::Node& document);

}  // namespace convert
