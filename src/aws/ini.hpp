#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.hpp"

namespace aws {

// The format of ~/.aws/config and ~/.aws/credentials as AWS's tools read it: [sections], `key =
// value` or `key: value`, whole-line comments with # or ;, indented lines that continue a value or,
// after an empty one, make a sub-section
// (`s3 =` newline `  endpoint_url = …`). Keys are lower-cased; lines may be of any length.

struct IniValue {
  std::string text;
  std::map<std::string, std::string, std::less<>> nested;
};

struct IniSection {
  std::string name;  // as between the brackets, trimmed
  std::map<std::string, IniValue, std::less<>> values;
};

struct IniError {
  std::size_t line = 0;  // from 1
  std::string message;
};

// Sections in their order; one that occurs twice is merged, later values win.
util::Result<std::vector<IniSection>, IniError> parse_ini(std::string_view text);

}  // namespace aws
