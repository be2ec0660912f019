#pragma once

#include "compose/project.hpp"
#include "doc/node.hpp"

namespace compose {

// The typed project of a bound tree. Nothing can be wrong any more.
Project decode(doc::Node tree);

}  // namespace compose
