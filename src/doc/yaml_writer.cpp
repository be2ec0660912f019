#include "doc/yaml_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "util/strings.hpp"
#include "util/utf8.hpp"

namespace doc {
namespace {

// Readers look for the end of a simple key within 1,024 characters; longer keys need the "? " form.
constexpr std::size_t kLongestSimpleKey = 1000;

constexpr std::array<std::string_view, 13> kWords =
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".nan", "=", "<<"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool equals_ignoring_case(std::string_view text, std::string_view word) {
  return text.size() == word.size() &&
         std::equal(
             text.begin(), text.end(), word.begin(), [](char a, char b) { return lower(a) == b; });
}

bool is_reserved_word(std::string_view text) {
  return text.size() <= 5 && std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
           return equals_ignoring_case(text, word);
         });
}

// Wider than any number, date, time or sexagesimal of YAML 1.1: quoting too much does no harm.
bool may_be_number(std::string_view text) {
  const std::size_t sign = text.front() == '-' || text.front() == '+' ? 1 : 0;
  const std::string_view rest = text.substr(sign);
  if (rest.empty() || !(util::is_digit(rest.front()) || rest.front() == '.')) {
    return false;
  }
  if (equals_ignoring_case(rest, ".inf")) {
    return true;
  }
  constexpr std::string_view kNumeric = "0123456789abcdefABCDEFxXoO_.:+-eETtZz ";
  return rest.find_first_of("0123456789") != std::string_view::npos &&
         rest.find_first_not_of(kNumeric) == std::string_view::npos;
}

// Characters that YAML does not print, or takes for a line break: C0, DEL, C1, U+2028, U+2029,
// U+FEFF, surrogates' kin. `text` is UTF-8. Returns the length in bytes of such a character at
// `at`, else 0.
std::size_t unprintable_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7f) {
    return 1;
  }
  if (byte(0) == 0xc2 && byte(1) < 0xa0) {
    return 2;
  }
  const bool separator = byte(0) == 0xe2 && byte(1) == 0x80 && (byte(2) == 0xa8 || byte(2) == 0xa9);
  const bool mark = byte(0) == 0xef && byte(1) == 0xbb && byte(2) == 0xbf;
  const bool non_character = byte(0) == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe;
  return separator || mark || non_character ? 3 : 0;
}

bool is_printable_ascii(char c) {
  return c >= 0x20 && c < 0x7f;
}

bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_printable_ascii(text[i]) && unprintable_length(text, i) != 0) {
      return false;
    }
  }
  return true;
}

bool is_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') {
    return false;
  }
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
  if (kIndicators.find(text.front()) != std::string_view::npos) {
    return false;
  }
  return !text.starts_with("...") && text.find(": ") == std::string_view::npos &&
         text.find(" #") == std::string_view::npos && is_printable(text) &&
         !is_reserved_word(text) && !may_be_number(text);
}

void append_code_point(std::string& out, std::uint32_t point) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  out += point < 0x100 ? "\\x" : "\\u";
  for (int shift = point < 0x100 ? 4 : 12; shift >= 0; shift -= 4) {
    out += kHexDigits[(point >> static_cast<unsigned>(shift)) & 15U];
  }
}

std::uint32_t code_point(std::string_view bytes) {
  const auto at = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  if (bytes.size() == 1) {
    return at(0);
  }
  if (bytes.size() == 2) {
    return ((at(0) & 0x1fU) << 6U) | (at(1) & 0x3fU);
  }
  return ((at(0) & 0x0fU) << 12U) | ((at(1) & 0x3fU) << 6U) | (at(2) & 0x3fU);
}

void append_double_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = is_printable_ascii(text[i]) ? 0 : unprintable_length(text, i);
    if (text[i] == '\n') {
      out += "\\n";
    } else if (text[i] == '\t') {
      out += "\\t";
    } else if (length != 0) {
      append_code_point(out, code_point(text.substr(i, length)));
    } else {
      if (text[i] == '"' || text[i] == '\\') {
        out += '\\';
      }
      out += text[i];
    }
    i += std::max<std::size_t>(length, 1);
  }
  out += '"';
}

bool is_ascii(std::string_view text) {
  return std::all_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

enum Shape : std::uint8_t {
  kPlain = 1,  // nothing about it
  kColon = 2,  // ends a key before a space
  kSpace = 4,  // matters next to others, and at both ends
  kOdd = 8,    // everything else is looked at closely
};

constexpr std::array<std::uint8_t, 256> make_shapes() {
  std::array<std::uint8_t, 256> shapes{};
  for (std::size_t c = 0; c < shapes.size(); ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    const bool mild = c == '_' || c == '/' || c == '-' || c == '.' || c == '$' || c == '{' ||
                      c == '}' || c == '=' || c == '*' || c == '+' || c == ',' || c == '(' ||
                      c == ')';
    shapes[c] = letter || digit || mild ? kPlain : c == ':' ? kColon : c == ' ' ? kSpace : kOdd;
  }
  return shapes;
}

constexpr std::array<std::uint8_t, 256> kShapes = make_shapes();

// Most texts: they start with a letter, are no reserved word, and have nothing inside that could
// mean something.
bool is_obviously_plain(std::string_view text) {
  if (text.size() < 6 || lower(text.front()) < 'a' || lower(text.front()) > 'z') {
    return false;
  }
  unsigned seen = 0;
  for (const char c : text) {
    seen |= kShapes[static_cast<unsigned char>(c)];
  }
  if ((seen & kOdd) != 0 || (seen & (kColon | kSpace)) == (kColon | kSpace)) {
    return false;
  }
  return text.back() != ' ' && text.back() != ':';
}

// One scalar in one line.
void append_scalar(std::string& out, std::string_view text) {
  if (is_obviously_plain(text)) {
    out += text;
    return;
  }
  if (!is_ascii(text) && !util::is_utf8(text)) {
    append_scalar(out, util::to_utf8_lossy(text));
  } else if (is_plain(text)) {
    out += text;
  } else {
    append_double_quoted(out, text);
  }
}

// A literal block keeps such a text as it is: more than one line, printable, first line not
// indented, no line of blanks.
bool fits_literal_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos ||
      std::string_view(" \t\n").find(text.front()) != std::string_view::npos) {
    return false;
  }
  for (const std::string& line : util::split(text, '\n')) {
    std::string without_tabs = line;
    std::replace(without_tabs.begin(), without_tabs.end(), '\t', '.');
    if (!is_printable(without_tabs) || (!line.empty() && util::trim(line).empty())) {
      return false;
    }
  }
  return true;
}

std::string format_double(double v) {
  if (std::isnan(v)) {
    return ".nan";
  }
  if (std::isinf(v)) {
    return v < 0 ? "-.inf" : ".inf";
  }
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v);
  std::string out(buffer.data(), end.ptr);
  if (out.find('.') == std::string::npos) {  // a fraction makes it a float for YAML 1.1 too
    out.insert(std::min(out.find('e'), out.size()), ".0");
  }
  return out;
}

class YamlWriter {
 public:
  // Writes `node` after what introduces it ("key:", "-" or nothing), which ends without a space.
  void write(const Node& node, std::size_t indent, bool in_sequence_item) {
    if (!node.tag.empty()) {
      out_ += ' ';
      out_ += node.tag.text();
    }
    const bool same_line = in_sequence_item && node.tag.empty();
    if (const Mapping* mapping = node.as_mapping();
        mapping != nullptr && !mapping->entries.empty()) {
      write_mapping(*mapping, indent, same_line);
    } else if (const Sequence* list = node.as_sequence(); list != nullptr && !list->items.empty()) {
      write_sequence(*list, indent, same_line);
    } else {
      out_ += ' ';
      write_scalar(node, indent);
    }
  }

  void write_root(const Node& node) {
    write(node, 0, true);
    if (!out_.empty() && out_.front() == ' ') {
      out_.erase(0, 1);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void begin_item(std::size_t indent, bool& on_same_line) {
    if (on_same_line) {
      if (indent != 0) {
        out_ += ' ';
      }
      on_same_line = false;
      return;
    }
    if (!out_.empty() && out_.back() != '\n') {
      out_ += '\n';
    }
    out_.append(indent, ' ');
  }

  void write_mapping(const Mapping& mapping, std::size_t indent, bool on_same_line) {
    for (const Entry& entry : mapping.entries) {
      begin_item(indent, on_same_line);
      const std::size_t start = out_.size();
      append_scalar(out_, entry.key.value);
      if (out_.size() - start > kLongestSimpleKey) {
        out_.insert(start, "? ");
        out_ += '\n';
        out_.append(indent, ' ');
      }
      out_ += ':';
      write(entry.value, indent + 2, false);
    }
  }

  void write_sequence(const Sequence& list, std::size_t indent, bool on_same_line) {
    for (const Node& item : list.items) {
      begin_item(indent, on_same_line);
      out_ += '-';
      write(item, indent + 2, true);
    }
  }

  void write_scalar(const Node& node, std::size_t indent) {
    if (const std::string* text = node.as_string()) {
      if (is_obviously_plain(*text)) {
        out_ += *text;
        out_ += '\n';
      } else if (is_ascii(*text) || util::is_utf8(*text)) {
        write_text(*text, indent);
      } else {
        write_text(util::to_utf8_lossy(*text), indent);
      }
      return;
    }
    if (const bool* flag = node.as_bool()) {
      out_ += *flag ? "true" : "false";
    } else if (const std::int64_t* number = node.as_int()) {
      out_ += std::to_string(*number);
    } else if (const double* real = node.as_double()) {
      out_ += format_double(*real);
    } else if (node.as_sequence() != nullptr) {
      out_ += "[]";
    } else {
      out_ += node.as_mapping() != nullptr ? "{}" : "null";
    }
    out_ += '\n';
  }

  void write_text(std::string_view text, std::size_t indent) {
    if (text.empty() || !fits_literal_block(text)) {
      append_scalar(out_, text);
      out_ += '\n';
      return;
    }
    const std::size_t content = text.find_last_not_of('\n') + 1;
    const std::size_t newlines = text.size() - content;
    out_ += newlines == 0 ? "|-\n" : newlines == 1 ? "|\n" : "|+\n";
    for (const std::string& line : util::split(text.substr(0, content), '\n')) {
      if (!line.empty()) {
        out_.append(std::max<std::size_t>(indent, 2), ' ');
        out_ += line;
      }
      out_ += '\n';
    }
    out_.append(newlines > 1 ? newlines - 1 : 0, '\n');
  }

  std::string out_;
};

}  // namespace

std::string yaml_scalar(std::string_view text) {
  std::string out;
  append_scalar(out, text);
  return out;
}

std::string to_yaml(const Node& node) {
  YamlWriter writer;
  writer.write_root(node);
  return writer.take();
}

}  // namespace doc
