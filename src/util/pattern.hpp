#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace util {

// The regular expressions of AWS's service models, matched against a whole text in time
// proportional to text × pattern and in constant stack (std::regex recurses once a character).
// Supported: literals, escapes (\w \d \s \b \uXXXX
// \p{L} \p{N} \p{Z} and punctuation), classes, groups, alternatives, repetition, anchors. Not
// supported: look-ahead and whatever else does not compile; such a pattern counts as absent. Beyond
// ASCII, \p{L} takes every character and
// \p{N}, \p{Z} none, which accepts at least what AWS does.
class Pattern {
 public:
  static std::optional<Pattern> compile(std::string_view source);

  // `text` is UTF-8; an ill-formed byte counts as one character U+FFFD.
  [[nodiscard]] bool matches(std::string_view text) const;

  struct Range {
    char32_t first = 0;
    char32_t last = 0;
  };

  // A set of characters; ranges are inclusive.
  struct Set {
    std::vector<Range> ranges;
    bool negated = false;

    [[nodiscard]] bool contains(char32_t c) const;
  };

  enum class Op : std::uint8_t { character, split, jump, begin, end, word_boundary, accept };

  struct Instruction {
    Op op = Op::accept;
    std::uint32_t set = 0;    // character: index into sets
    std::uint32_t to = 0;     // jump, split: one continuation
    std::uint32_t or_to = 0;  // split: the other
  };

 private:
  friend class PatternCompiler;

  std::vector<Set> sets_;
  std::vector<Instruction> program_;
};

// The compiled form of a model's pattern (a literal, so its address is its identity), or null when
// it is unsupported.
const Pattern* known_pattern(std::string_view source);

}  // namespace util
