#pragma once

#include <string>
#include <string_view>

namespace awsapi {

// Character data for an XML element: markup escaped, a carriage return kept by reference, bytes
// that XML 1.0 cannot carry (control characters, ill-formed UTF-8) as U+FFFD.
std::string xml_text(std::string_view text);

}  // namespace awsapi
