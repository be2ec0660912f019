#include "util/pattern.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>

#include "util/pattern_compiler.hpp"

namespace util {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_word(char32_t c) {
  return c == U'_' || (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') ||
         (c >= U'A' && c <= U'Z');
}

// The code point at `at`, advancing past it.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const unsigned length = lead < 0x80   ? 0
                          : lead < 0xC2 ? 9
                          : lead < 0xE0 ? 1
                          : lead < 0xF0 ? 2
                          : lead < 0xF5 ? 3
                                        : 9;
  if (length == 0) {
    return lead;
  }
  if (length == 9 || at + length > text.size()) {
    return kReplacement;
  }
  char32_t c = lead & (0x3FU >> length);
  for (unsigned i = 0; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0U) != 0x80U) {
      return kReplacement;
    }
    c = (c << 6U) | (next & 0x3FU);
  }
  at += length;
  return c;
}

// One step of the simulation: the set of instructions that wait for a character.
class Threads {
 public:
  explicit Threads(std::size_t program_size) : marks_(program_size, 0) {}

  void clear() {
    ++generation_;
    waiting.clear();
    accepted = false;
  }

  bool mark(std::uint32_t pc) {
    const bool fresh = marks_[pc] != generation_;
    marks_[pc] = generation_;
    return fresh;
  }

  std::vector<std::uint32_t> waiting;
  bool accepted = false;

 private:
  std::vector<std::uint64_t> marks_;
  std::uint64_t generation_ = 0;
};

struct Edge {
  bool at_begin = false;
  bool at_end = false;
  bool boundary = false;  // between a word character and another
};

bool assertion_holds(Pattern::Op op, const Edge& edge) {
  return op == Pattern::Op::begin ? edge.at_begin
         : op == Pattern::Op::end ? edge.at_end
                                  : edge.boundary;
}

void follow(const std::vector<Pattern::Instruction>& program,
            std::uint32_t start,
            const Edge& edge,
            std::vector<std::uint32_t>& stack,
            Threads& into) {
  stack.assign(1, start);
  while (!stack.empty()) {
    const std::uint32_t pc = stack.back();
    stack.pop_back();
    if (!into.mark(pc)) {
      continue;
    }
    const Pattern::Instruction& instruction = program[pc];
    switch (instruction.op) {
      case Pattern::Op::character: into.waiting.push_back(pc); break;
      case Pattern::Op::accept: into.accepted = true; break;
      case Pattern::Op::jump: stack.push_back(instruction.to); break;
      case Pattern::Op::split:
        stack.push_back(instruction.or_to);
        stack.push_back(instruction.to);
        break;
      case Pattern::Op::begin:
      case Pattern::Op::end:
      case Pattern::Op::word_boundary:
        if (assertion_holds(instruction.op, edge)) {
          stack.push_back(pc + 1);
        }
        break;
    }
  }
}

}  // namespace

bool Pattern::Set::contains(char32_t c) const {
  const bool inside = std::any_of(
      ranges.begin(), ranges.end(), [c](const Range& r) { return c >= r.first && c <= r.last; });
  return inside != negated;
}

std::optional<Pattern> Pattern::compile(std::string_view source) {
  return PatternCompiler(source).compile();
}

bool Pattern::matches(std::string_view text) const {
  Threads now(program_.size());
  Threads next(program_.size());
  std::vector<std::uint32_t> stack;
  std::size_t at = 0;
  std::size_t peek = 0;
  char32_t ahead = text.empty() ? 0 : next_character(text, peek);
  now.clear();
  follow(program_, 0, {true, text.empty(), !text.empty() && is_word(ahead)}, stack, now);
  while (at < text.size()) {
    const char32_t c = ahead;
    at = peek;
    const bool last = at == text.size();
    ahead = last ? 0 : next_character(text, peek);
    const Edge edge{false, last, is_word(c) != (!last && is_word(ahead))};
    next.clear();
    for (const std::uint32_t pc : now.waiting) {
      if (sets_[program_[pc].set].contains(c)) {
        follow(program_, pc + 1, edge, stack, next);
      }
    }
    std::swap(now, next);
    if (now.waiting.empty() && !last) {
      return false;
    }
  }
  return now.accepted;
}

const Pattern* known_pattern(std::string_view source) {
  static std::mutex mutex;
  static std::map<std::string, std::optional<Pattern>, std::less<>> patterns;
  const std::lock_guard lock(mutex);
  auto at = patterns.find(source);
  if (at == patterns.end()) {
    at = patterns.emplace(source, Pattern::compile(source)).first;
  }
  return at->second ? &*at->second : nullptr;
}

}  // namespace util
