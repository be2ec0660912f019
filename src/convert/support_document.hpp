#pragma once

#include <string>

namespace convert {

// docs/compose-support.md, from the support table.
std::string support_document();

}  // namespace convert
