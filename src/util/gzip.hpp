#pragma once

#include <string>
#include <string_view>

namespace util {

// The bytes as a gzip file without a time, so that the same bytes give the same file.
std::string gzip(std::string_view bytes);

}  // namespace util
