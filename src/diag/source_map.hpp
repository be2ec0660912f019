#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "diag/span.hpp"

namespace diag {

// 1-based; columns count bytes, as compilers and editors do.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// The text of every document of a run, so that a Span can be shown as file:line:column and its line quoted.
// Owns the text; string_views into it live as long as the map.
class SourceMap {
 public:
  // `name` is what the user typed or sees: "compose.yaml", "<stdin>".
  FileId add(std::string name, std::string text);

  [[nodiscard]] std::string_view name(FileId file) const;
  [[nodiscard]] std::string_view text(FileId file) const;
  [[nodiscard]] Position position(FileId file, std::uint32_t offset) const;
  [[nodiscard]] std::string_view line(FileId file, std::uint32_t line) const;
  // "compose.yaml:3:5"; empty for a span without a source.
  [[nodiscard]] std::string describe(const Span& span) const;

 private:
  struct Source {
    std::string name;
    std::string text;
    std::vector<std::uint32_t> line_starts;
  };
  [[nodiscard]] const Source* get(FileId file) const;

  std::deque<Source> sources_;  // FileId n is sources_[n - 1]
};

}  // namespace diag
