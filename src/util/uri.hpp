#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace util {

// RFC 3986 percent-encoding: everything but letters, digits and "-._~" (and the characters in
// `keep`), upper-case hex.
std::string uri_encode(std::string_view text, std::string_view keep = {});

// Undoes percent-encoding; a '%' that is not followed by two hex digits stays as it is.
std::string uri_decode(std::string_view text);

}  // namespace util
