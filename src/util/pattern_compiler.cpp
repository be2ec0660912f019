#include "util/pattern_compiler.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace util {
namespace {

constexpr std::size_t kMaxProgram = 100'000;
constexpr std::size_t kMaxGroupDepth = 32;
constexpr std::size_t kUnbounded = SIZE_MAX;
constexpr char32_t kLastCharacter = 0x10FFFF;

void add_range(Pattern::Set& set, char32_t first, char32_t last) {
  set.ranges.push_back({first, last});
}

void add_digits(Pattern::Set& set) {
  add_range(set, U'0', U'9');
}

void add_letters(Pattern::Set& set) {
  add_range(set, U'a', U'z');
  add_range(set, U'A', U'Z');
}

void add_word(Pattern::Set& set) {
  add_letters(set);
  add_digits(set);
  add_range(set, U'_', U'_');
}

void add_space(Pattern::Set& set) {
  add_range(set, U'\t', U'\r');
  add_range(set, U' ', U' ');
}

}  // namespace

std::optional<Pattern> PatternCompiler::compile() {
  if (!alternatives() || !done()) {
    return std::nullopt;
  }
  emit(Pattern::Op::accept);
  return std::move(pattern_);
}

std::uint32_t PatternCompiler::here() const {
  return static_cast<std::uint32_t>(pattern_.program_.size());
}

void PatternCompiler::emit(Pattern::Op op) {
  pattern_.program_.push_back({op, 0, 0, 0});
}

void PatternCompiler::emit_set(Pattern::Set set) {
  pattern_.sets_.push_back(std::move(set));
  pattern_.program_.push_back(
      {Pattern::Op::character, static_cast<std::uint32_t>(pattern_.sets_.size() - 1), 0, 0});
}

bool PatternCompiler::accept(std::string_view text) {
  if (!looking_at(text)) {
    return false;
  }
  at_ += text.size();
  return true;
}

char32_t PatternCompiler::take_character() {
  return static_cast<unsigned char>(source_[at_++]);
}

// Makes room for a split at `at`; everything behind moves by one.
void PatternCompiler::insert_split(std::size_t at) {
  auto& program = pattern_.program_;
  program.insert(program.begin() + static_cast<std::ptrdiff_t>(at), {Pattern::Op::split, 0, 0, 0});
  for (std::size_t i = at; i < program.size(); ++i) {
    program[i].to += program[i].to >= at ? 1U : 0U;
    program[i].or_to += program[i].or_to >= at ? 1U : 0U;
  }
}

bool PatternCompiler::alternatives() {
  if (++depth_ > kMaxGroupDepth) {
    return false;
  }
  std::size_t begin = here();
  std::vector<std::size_t> exits;
  if (!sequence()) {
    return false;
  }
  while (accept("|")) {
    insert_split(begin);
    exits.push_back(here());
    emit(Pattern::Op::jump);
    pattern_.program_[begin].to = static_cast<std::uint32_t>(begin + 1);
    pattern_.program_[begin].or_to = here();
    begin = here();
    if (!sequence()) {
      return false;
    }
  }
  for (const std::size_t exit : exits) {
    pattern_.program_[exit].to = here();
  }
  --depth_;
  return true;
}

bool PatternCompiler::sequence() {
  while (!done() && source_[at_] != '|' && source_[at_] != ')') {
    if (!repeated()) {
      return false;
    }
  }
  return true;
}

bool PatternCompiler::repeated() {
  const std::size_t begin = here();
  if (!atom()) {
    return false;
  }
  std::size_t least = 1;
  std::size_t most = 1;
  if (accept("*")) {
    least = 0;
    most = kUnbounded;
  } else if (accept("+")) {
    most = kUnbounded;
  } else if (accept("?")) {
    least = 0;
  } else if (looking_at("{") && !bounds(least, most)) {
    return false;
  }
  // Lazy and possessive forms change nothing about whether a whole text matches, but possessive
  // ones may refuse more.
  if (looking_at("+") || looking_at("*")) {
    return false;
  }
  accept("?");
  return repeat(begin, least, most);
}

bool PatternCompiler::bounds(std::size_t& least, std::size_t& most) {
  const std::size_t close = source_.find('}', at_);
  if (close == std::string_view::npos) {
    return false;
  }
  const char* end = source_.data() + close;
  auto read = std::from_chars(source_.data() + at_ + 1, end, least);
  if (read.ec != std::errc{}) {
    return false;
  }
  most = least;
  if (read.ptr != end && *read.ptr == ',') {
    most = kUnbounded;
    if (read.ptr + 1 != end) {
      read = std::from_chars(read.ptr + 1, end, most);
    } else {
      ++read.ptr;
    }
  }
  at_ = close + 1;
  return read.ec == std::errc{} && read.ptr == end && most >= least;
}

// The atom's instructions are [begin, here): copies of it are appended with their jumps moved.
bool PatternCompiler::repeat(std::size_t begin, std::size_t least, std::size_t most) {
  if (least == 1 && most == 1) {
    return true;
  }
  auto& program = pattern_.program_;
  const std::vector<Pattern::Instruction> body(program.begin() + static_cast<std::ptrdiff_t>(begin),
                                               program.end());
  const std::size_t copies = most == kUnbounded ? least + 1 : most;
  if ((body.size() + 2) * copies + begin > kMaxProgram) {
    return false;
  }
  const auto append = [&] {
    const auto shift = static_cast<std::uint32_t>(program.size() - begin);
    for (Pattern::Instruction instruction : body) {
      if (instruction.op == Pattern::Op::jump || instruction.op == Pattern::Op::split) {
        instruction.to += shift;
        instruction.or_to += shift;
      }
      program.push_back(instruction);
    }
  };
  program.resize(begin);
  for (std::size_t i = 0; i < least; ++i) {
    append();
  }
  if (most == kUnbounded) {
    const std::uint32_t loop = here();
    emit(Pattern::Op::split);
    append();
    emit(Pattern::Op::jump);
    program.back().to = loop;
    program[loop].to = loop + 1;
    program[loop].or_to = here();
    return true;
  }
  std::vector<std::size_t> leave;
  for (std::size_t i = least; i < most; ++i) {
    leave.push_back(here());
    emit(Pattern::Op::split);
    program.back().to = here();
    append();
  }
  for (const std::size_t split : leave) {
    program[split].or_to = here();
  }
  return true;
}

bool PatternCompiler::atom() {
  if (accept("(")) {
    return group();
  }
  if (accept("^")) {
    emit(Pattern::Op::begin);
    return true;
  }
  if (accept("$")) {
    emit(Pattern::Op::end);
    return true;
  }
  if (looking_at("\\")) {
    return escape();
  }
  Pattern::Set set;
  if (accept("[")) {
    if (!bracket(set)) {
      return false;
    }
    emit_set(std::move(set));
    return true;
  }
  if (accept(".")) {
    set = {{{U'\n', U'\n'}, {U'\r', U'\r'}}, true};
    emit_set(std::move(set));
    return true;
  }
  const char32_t c = take_character();
  if (c == U'*' || c == U'+' || c == U'?' || c == U'{' || c > 0x7F) {
    return false;
  }
  add_range(set, c, c);
  emit_set(std::move(set));
  return true;
}

bool PatternCompiler::group() {
  if (looking_at("?") && !accept("?:")) {
    return false;  // look-around, named groups, flags
  }
  return alternatives() && accept(")");
}

bool PatternCompiler::escape() {
  if (accept("\\b")) {
    emit(Pattern::Op::word_boundary);
    return true;
  }
  Pattern::Set set;
  const auto c = escaped(set);
  if (!c && set.ranges.empty()) {
    return false;
  }
  if (c) {
    add_range(set, *c, *c);
  }
  emit_set(std::move(set));
  return true;
}

std::optional<char32_t> PatternCompiler::escaped(Pattern::Set& set) {
  ++at_;  // the backslash
  if (done()) {
    return std::nullopt;
  }
  const char32_t c = take_character();
  switch (c) {
    case U'w': add_word(set); return std::nullopt;
    case U'd': add_digits(set); return std::nullopt;
    case U's': add_space(set); return std::nullopt;
    case U'S':
      add_range(set, 0, 8);
      add_range(set, 0x0E, 0x1F);
      add_range(set, 0x21, kLastCharacter);
      return std::nullopt;
    case U'p': property(set); return std::nullopt;
    case U'u': return unicode_escape();
    case U't': return U'\t';
    case U'n': return U'\n';
    case U'r': return U'\r';
    default: break;
  }
  const bool alphanumeric =
      (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  return alphanumeric || c > 0x7F ? std::nullopt : std::optional{c};
}

// \uXXXX. The models also write \u10000 and \u10FFFF and mean the code points beyond 16 bits.
std::optional<char32_t> PatternCompiler::unicode_escape() {
  const std::size_t length = looking_at("10FFFF") ? 6 : looking_at("10000") ? 5 : 4;
  if (source_.size() - at_ < length) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  const char* begin = source_.data() + at_;
  const auto read = std::from_chars(begin, begin + length, value, 16);
  if (read.ec != std::errc{} || read.ptr != begin + length) {
    return std::nullopt;
  }
  at_ += length;
  return value;
}

bool PatternCompiler::property(Pattern::Set& set) {
  if (accept("{L}")) {
    add_letters(set);
    add_range(set, 0x80, kLastCharacter);
  } else if (accept("{N}") || accept("{Nd}")) {
    add_digits(set);
  } else if (accept("{Z}") || accept("{Zs}")) {
    add_range(set, U' ', U' ');
  } else if (accept("{ASCII}")) {
    add_range(set, 0, 0x7F);
  } else {
    return false;
  }
  return true;
}

bool PatternCompiler::bracket(Pattern::Set& set) {
  set.negated = accept("^");
  bool first = true;
  while (first || !looking_at("]")) {
    first = false;
    if (done() || looking_at("[") || looking_at("&&") || !bracket_item(set)) {
      return false;
    }
  }
  ++at_;
  return true;
}

// A character, a range or an escaped class. A '-' that cannot make a range stands for itself.
bool PatternCompiler::bracket_item(Pattern::Set& set) {
  const auto one = [&]() -> std::optional<char32_t> {
    if (looking_at("\\")) {
      return escaped(set);
    }
    const char32_t c = take_character();
    return c > 0x7F ? std::nullopt : std::optional{c};
  };
  const std::size_t before = set.ranges.size();
  const auto first = one();
  if (!first) {
    return set.ranges.size() > before;  // an escaped class, or something unsupported
  }
  const bool range = looking_at("-") && at_ + 1 < source_.size() && source_[at_ + 1] != ']';
  if (!range) {
    add_range(set, *first, *first);
    return true;
  }
  ++at_;
  const auto last = done() ? std::nullopt : one();
  if (!last || *last < *first) {
    return false;
  }
  add_range(set, *first, *last);
  // "[0-9-_]": the second '-' follows a range, so it is a character.
  if (looking_at("-")) {
    ++at_;
    add_range(set, U'-', U'-');
  }
  return true;
}

}  // namespace util
