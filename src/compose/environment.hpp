#pragma once

#include <functional>
#include <map>
#include <string>

namespace compose {

// Names and values of variables, as a process has them.
using Environment = std::map<std::string, std::string, std::less<>>;

}  // namespace compose
