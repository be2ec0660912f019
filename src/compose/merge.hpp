#pragma once

#include "compose/path.hpp"
#include "compose/problems.hpp"
#include "compose/rules.hpp"
#include "doc/node.hpp"

namespace compose {

// Merges `over` into `base`, both at `place`: an override file, another document, an included or
// extended resource.
void merge(doc::Node& base, doc::Node over, const Place* place, Path& path, Problems& problems);

void merge_documents(doc::Node& base, doc::Node over, Problems& problems);

}  // namespace compose
