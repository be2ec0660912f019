#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "util/pattern.hpp"

namespace util {

// Recursive descent over a regular expression's source, straight into instructions. Repetitions are
// unrolled, nested so that leaving early jumps to the end at once.
class PatternCompiler {
 public:
  explicit PatternCompiler(std::string_view source) : source_(source) {}

  std::optional<Pattern> compile();

 private:
  bool alternatives();
  bool sequence();
  bool repeated();
  bool atom();
  bool group();
  bool escape();
  bool bracket(Pattern::Set& set);
  bool bracket_item(Pattern::Set& set);
  // One escaped class (\w) is added to `set`; one escaped character is returned.
  std::optional<char32_t> escaped(Pattern::Set& set);
  std::optional<char32_t> unicode_escape();
  bool property(Pattern::Set& set);
  bool bounds(std::size_t& least, std::size_t& most);
  bool repeat(std::size_t begin, std::size_t least, std::size_t most);

  [[nodiscard]] bool done() const { return at_ == source_.size(); }

  [[nodiscard]] bool looking_at(std::string_view text) const {
    return source_.substr(at_, text.size()) == text;
  }

  bool accept(std::string_view text);
  char32_t take_character();
  void emit(Pattern::Op op);
  void emit_set(Pattern::Set set);
  void insert_split(std::size_t at);
  [[nodiscard]] std::uint32_t here() const;

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Pattern pattern_;
};

}  // namespace util
