#pragma once

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Turns every short form into its long one. `lenient` leaves what it cannot read as it is (texts
// that were not interpolated).
void make_canonical(doc::Node& root, bool lenient, Problems& problems);

}  // namespace compose
