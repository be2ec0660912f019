#pragma once

#include <string>
#include <string_view>

namespace util {

// Well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

// `text` with every ill-formed byte replaced by U+FFFD.
std::string to_utf8_lossy(std::string_view text);

}  // namespace util
