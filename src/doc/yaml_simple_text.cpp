#include "doc/yaml_simple_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "util/utf8.hpp"

namespace doc {
namespace {

enum CharacterClass : std::uint8_t {
  kOther = 0,
  kIndicator = 1,  // cannot start a plain scalar
  kWord = 2,
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (const char c : std::string_view("-?:,[]{}#&*!|>'\"%@`\n ")) {
    classes[static_cast<unsigned char>(c)] = kIndicator;
  }
  for (unsigned char c = 0; c < 128; ++c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
      classes[c] = kWord;
    }
  }
  return classes;
}

constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

// Eight bytes at once: each from 0x20 to 0x7E.
bool is_ordinary_ascii(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t below_space = word - kOnes * 0x20;
  const std::uint64_t above_tilde = word + kOnes;
  return ((word | below_space | above_tilde) & (kOnes * 0x80)) == 0;
}

// Well-formed characters that libyaml refuses or takes for line ends.
bool has_odd_character(std::string_view text) {
  return text.find("\xEF\xBB\xBF") != std::string_view::npos ||
         text.find("\xEF\xBF\xBE") != std::string_view::npos ||
         text.find("\xEF\xBF\xBF") != std::string_view::npos ||
         text.find("\xE2\x80\xA8") != std::string_view::npos ||
         text.find("\xE2\x80\xA9") != std::string_view::npos;
}

bool is_flow_indicator(char c) {
  return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

}  // namespace

bool is_simple_text(std::string_view text) {
  bool ascii = true;
  unsigned char before = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.size() - i >= 8 && is_ordinary_ascii(text.data() + i)) {
      i += 7;
      before = 0;
      continue;
    }
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    // 0xC2 starts U+0080 to U+00BF; those below U+00A0 are controls.
    if ((byte < 0x20 && byte != '\n') || byte == 0x7F || (before == 0xC2 && byte < 0xA0)) {
      return false;
    }
    ascii = ascii && byte < 0x80;
    before = byte;
  }
  return ascii || (util::is_utf8(text) && !has_odd_character(text));
}

void SimpleText::start_line() {
  line_start_ = at_;
  fresh_ = true;
}

void SimpleText::skip_comment() {
  if (at_ > 0 && text_[at_ - 1] != ' ' && text_[at_ - 1] != '\n') {
    throw NotSimple{};
  }
  at_ = std::min(text_.find('\n', at_), text_.size());
}

void SimpleText::skip_to_token() {
  while (true) {
    skip_spaces();
    if (at_end()) {
      fresh_ = true;
      return;
    }
    if (text_[at_] == '#') {
      skip_comment();
    } else if (text_[at_] == '\n') {
      ++at_;
      start_line();
    } else {
      return;
    }
  }
}

void SimpleText::to_first_token() {
  skip_to_token();
}

bool SimpleText::to_token() {
  skip_to_token();
  if (at_ == line_start_ && at_document_marker()) {
    throw NotSimple{};
  }
  return fresh_;
}

bool SimpleText::at_document_marker() const {
  const std::string_view three = text_.substr(at_, 3);
  return three == "---" || three == "...";
}

void SimpleText::end_line() {
  skip_spaces();
  if (peek() == '#') {
    skip_comment();
  }
  if (peek() != '\n') {
    throw NotSimple{};
  }
}

std::string_view SimpleText::word() {
  const std::size_t start = at_;
  while (at_ < text_.size() && (class_of(text_[at_]) == kWord || text_[at_] == '-')) {
    ++at_;
  }
  if (at_ == start) {
    throw NotSimple{};
  }
  fresh_ = false;
  return text_.substr(start, at_ - start);
}

void SimpleText::plain(YamlEvent& event, bool in_flow) {
  const char first = peek();
  const char second = peek(first == '-' && peek(1) == '-' ? 2 : 1);
  if (class_of(first) == kIndicator && (first != '-' || class_of(second) == kIndicator)) {
    throw NotSimple{};
  }
  const std::size_t start = at_;
  std::size_t end = at_;  // behind the last character that is no space
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      break;
    }
    if (c == ' ') {
      continue;
    }
    if (c == ':') {
      if (is_blank(1)) {
        break;
      }
      if (in_flow && (is_flow_indicator(peek(1)) || peek(1) == '?')) {
        throw NotSimple{};
      }
    } else if (c == '#' && end != at_) {
      break;
    } else if (in_flow && is_flow_indicator(c)) {
      break;
    } else if (in_flow && c == '?') {
      throw NotSimple{};
    }
    end = at_ + 1;
  }
  fresh_ = false;
  event.kind = YamlEvent::Kind::scalar;
  event.plain = true;
  event.begin = static_cast<std::uint32_t>(start);
  event.end = static_cast<std::uint32_t>(end);
  event.text = text_.substr(start, end - start);
}

void SimpleText::quoted(YamlEvent& event) {
  event.kind = YamlEvent::Kind::scalar;
  event.begin = static_cast<std::uint32_t>(at_);
  const char quote = text_[at_++];
  fresh_ = false;
  if (quote == '\'') {
    single_quoted(event);
  } else {
    double_quoted(event);
  }
  event.end = static_cast<std::uint32_t>(at_);
}

void SimpleText::single_quoted(YamlEvent& event) {
  const std::size_t start = at_;
  bool doubled = false;
  for (; !at_end() && text_[at_] != '\n'; ++at_) {
    if (text_[at_] != '\'') {
      continue;
    }
    if (peek(1) != '\'') {
      event.text = text_.substr(start, at_ - start);
      if (doubled) {
        buffer_.clear();
        for (std::size_t i = 0; i < event.text.size(); ++i) {
          buffer_ += event.text[i];
          i += event.text[i] == '\'' ? 1U : 0U;
        }
        event.text = buffer_;
      }
      ++at_;
      return;
    }
    doubled = true;
    ++at_;
  }
  throw NotSimple{};
}

void SimpleText::double_quoted(YamlEvent& event) {
  const std::size_t start = at_;
  const std::size_t stop = text_.find_first_of("\"\\\n", at_);
  if (stop != std::string_view::npos && text_[stop] == '"') {
    event.text = text_.substr(start, stop - start);
    at_ = stop + 1;
    return;
  }
  buffer_.clear();
  for (; !at_end() && text_[at_] != '\n'; ++at_) {
    if (text_[at_] == '"') {
      event.text = buffer_;
      ++at_;
      return;
    }
    if (text_[at_] == '\\') {
      ++at_;
      escape();
    } else {
      buffer_ += text_[at_];
    }
  }
  throw NotSimple{};
}

// Stops at the escape's last character.
void SimpleText::escape() {
  switch (peek()) {
    case 'n': buffer_ += '\n'; break;
    case 't': buffer_ += '\t'; break;
    case 'r': buffer_ += '\r'; break;
    case '"': buffer_ += '"'; break;
    case '\\': buffer_ += '\\'; break;
    case 'e': buffer_ += '\x1b'; break;
    case 'x': code_point(2); break;
    case 'u': code_point(4); break;
    default: throw NotSimple{};
  }
}

void SimpleText::code_point(std::size_t digits) {
  std::uint32_t point = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    ++at_;
    const int digit = hex_digit(peek());
    if (digit < 0) {
      throw NotSimple{};
    }
    point = point * 16 + static_cast<std::uint32_t>(digit);
  }
  if (point >= 0xD800 && point <= 0xDFFF) {
    throw NotSimple{};
  }
  append_utf8(buffer_, point);
}

// The column of a block scalar's first line that is not blank; blank lines before it may not be
// longer.
int SimpleText::block_indent(int least) const {
  std::size_t blanks = 0;
  for (std::size_t line = at_; line < text_.size();) {
    const std::size_t content = text_.find_first_not_of(' ', line);
    const std::size_t spaces = std::min(content, text_.size()) - line;
    if (content == std::string_view::npos || text_[content] != '\n') {
      if (blanks > spaces) {
        throw NotSimple{};
      }
      return std::max(static_cast<int>(spaces), least);
    }
    blanks = std::max(blanks, spaces);
    line = content + 1;
  }
  return std::max(static_cast<int>(blanks), least);
}

void SimpleText::block_scalar(YamlEvent& event, int indent) {
  event.kind = YamlEvent::Kind::scalar;
  event.begin = static_cast<std::uint32_t>(at_);
  const bool literal = text_[at_++] == '|';
  const char chomping = peek() == '+' || peek() == '-' ? peek() : ' ';
  at_ += chomping == ' ' ? 0U : 1U;
  end_line();  // indentation indicators are rare
  if (at_end()) {
    throw NotSimple{};
  }
  ++at_;
  start_line();
  const int column = block_indent(std::max(indent + 1, 1));
  buffer_.clear();
  std::string breaks;  // line ends of blank lines
  event.end = blank_lines(column, breaks);
  bool line_break = false;    // of the line before
  bool blank_before = false;  // the line before starts with a space
  while (this->column() == column && !at_end()) {
    const bool blank = text_[at_] == ' ';
    if (!literal && line_break && !blank_before && !blank) {
      buffer_.append(breaks.empty() ? 1U : 0U, ' ');
    } else if (line_break) {
      buffer_ += '\n';
    }
    buffer_ += breaks;
    breaks.clear();
    blank_before = blank;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    buffer_ += text_.substr(at_, end - at_);
    at_ = end;
    line_break = !at_end();
    if (line_break) {
      ++at_;
      start_line();
    }
    event.end = blank_lines(column, breaks);
  }
  buffer_.append(line_break && chomping != '-' ? 1U : 0U, '\n');
  buffer_ += chomping == '+' ? breaks : "";
  event.text = buffer_;
}

// Takes blank lines and the indentation of the line behind them. Returns where they end.
std::uint32_t SimpleText::blank_lines(int indent, std::string& breaks) {
  std::size_t end = at_;
  while (true) {
    while (column() < indent && !at_end() && text_[at_] == ' ') {
      ++at_;
    }
    if (at_end() || text_[at_] != '\n') {
      return static_cast<std::uint32_t>(end);
    }
    breaks += '\n';
    ++at_;
    start_line();
    end = at_;
  }
}

}  // namespace doc
