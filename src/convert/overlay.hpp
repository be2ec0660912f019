#pragma once

#include "cloudformation/template.hpp"
#include "convert/builder.hpp"

namespace convert {

// Lays `x-aws-cloudformation` over the template: mappings are merged, `null` deletes, lists of
// named things (containers, variables, tags) are merged by name (also written as a mapping by
// name), everything else is replaced. Logical ids may be spelled as the earlier tools did. A
// resource that is neither in the template nor has a `Type` is an error. The result is checked as
// CloudFormation checks a template.
void apply_overlay(Builder& builder, cloudformation::Template& target);

}  // namespace convert
