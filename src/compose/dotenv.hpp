#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "compose/environment.hpp"
#include "util/result.hpp"

namespace compose {

// Reads `KEY=VALUE` lines (quotes, comments, `export`, values over several lines, variables in
// values) into `variables`. A value's variables, and a bare `KEY`, are looked up with `lookup`
// first, then among what `variables` already has. `unset` hears of variables that are used but not
// set. The error is a sentence ("line 3: unexpected character …").
struct DotenvSource {
  std::function<std::optional<std::string>(std::string_view)> lookup;
  std::function<void(std::string_view)> unset;
};

util::Result<void, std::string> read_dotenv(std::string_view text,
                                            const DotenvSource& source,
                                            Environment& variables);

// The `raw` format: `KEY=VALUE` verbatim, `#` lines are comments, a bare `KEY` inherits.
void read_raw_env(std::string_view text, const DotenvSource& source, Environment& variables);

}  // namespace compose
