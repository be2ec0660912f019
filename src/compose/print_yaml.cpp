#include "compose/print_yaml.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "compose/go_text.hpp"
#include "doc/yaml_scalar.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"
#include "util/utf8.hpp"

namespace compose {
namespace {

// Longer keys, and those of several lines, are written as "? key".
constexpr std::size_t kLongestKeyOnOneLine = 128;
// Base 64 is broken into lines of this length.
constexpr std::size_t kBase64Line = 70;

// Words that YAML 1.1 reads as booleans, in the spellings it knows; `<<` is its merge key.
constexpr std::array<std::string_view, 17> kOldWords = {"y",
                                                        "Y",
                                                        "yes",
                                                        "Yes",
                                                        "YES",
                                                        "on",
                                                        "On",
                                                        "ON",
                                                        "n",
                                                        "N",
                                                        "no",
                                                        "No",
                                                        "NO",
                                                        "off",
                                                        "Off",
                                                        "OFF",
                                                        "<<"};

enum class Style : std::uint8_t { plain, single, quoted, literal };

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), util::is_digit);
}

// A number in base 60, as YAML 1.1 has them: 1:30, -12:30:45.5.
bool is_base60(std::string_view text) {
  if (!text.empty() && is_one_of(text.front(), "+-")) {
    text.remove_prefix(1);
  }
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    if (text.find_first_not_of("0123456789_", dot + 1) != std::string_view::npos) {
      return false;
    }
    text = text.substr(0, dot);
  }
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || !util::is_digit(text.front()) ||
      text.substr(0, colon).find_first_not_of("0123456789_") != std::string_view::npos) {
    return false;
  }
  for (const std::string& part : util::split(text.substr(colon + 1), ':')) {
    if (!is_digits(part) || part.size() > 2 || (part.size() == 2 && part.front() > '5')) {
      return false;
    }
  }
  return true;
}

// Whether a reader takes the bare text for a string.
bool reads_as_string(std::string_view text) {
  if (std::find(kOldWords.begin(), kOldWords.end(), text) != kOldWords.end() || is_base60(text)) {
    return false;
  }
  const doc::ScalarValue value = doc::resolve_plain_scalar(text);
  return std::holds_alternative<std::string>(value.value) && !value.is_timestamp;
}

// What stands in a text, as far as it decides how the text may be written.
struct TextTraits {
  bool lines = false;       // has a line break
  bool blank_edge = false;  // a blank or a line break at the front or the end
  bool trailing_space = false;
  bool space_after_break = false;
  bool space_before_break = false;
  bool tab = false;
  bool special = false;     // characters that have to be escaped
  bool separators = false;  // U+2028, U+2029: line breaks of YAML 1.1
  bool indicator = false;   // would be read as syntax
};

std::size_t sequence_length(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// Characters that YAML does not print: controls but the line feed, a byte order mark, …
bool is_special(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  switch (sequence_length(byte(0))) {
    case 1: return (byte(0) < 0x20 && byte(0) != '\n') || byte(0) == 0x7F;
    case 2: return byte(0) == 0xC2 && byte(1) < 0xA0;
    case 3:
      return byte(0) == 0xEF &&
             ((byte(1) == 0xBB && byte(2) == 0xBF) || (byte(1) == 0xBF && byte(2) >= 0xBE));
    default: return true;
  }
}

bool has_indicator(std::string_view text) {
  if (text.starts_with("---") || text.starts_with("...") ||
      is_one_of(text.front(), "#,[]{}&*!|>'\"%@`")) {
    return true;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool blank_follows = i + 1 == text.size() || is_one_of(text[i + 1], " \t");
    const bool blank_before = i > 0 && is_one_of(text[i - 1], " \t\n\r");
    if ((text[i] == ':' && blank_follows) || (text[i] == '#' && blank_before) ||
        (i == 0 && is_one_of(text[i], "?-") && blank_follows)) {
      return true;
    }
  }
  return false;
}

TextTraits traits_of(std::string_view text) {
  TextTraits out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[i]));
    const char before = i == 0 ? '\0' : text[i - 1];
    out.tab = out.tab || text[i] == '\t';
    out.special = out.special || (text[i] != '\t' && is_special(text, i));
    out.separators =
        out.separators || text.substr(i, 3) == "\u2028" || text.substr(i, 3) == "\u2029";
    out.lines = out.lines || text[i] == '\n';
    out.space_after_break = out.space_after_break || (text[i] == ' ' && before == '\n');
    out.space_before_break = out.space_before_break || (text[i] == '\n' && before == ' ');
    i += length;
  }
  out.blank_edge = is_one_of(text.front(), " \n") || is_one_of(text.back(), " \n");
  out.trailing_space = text.back() == ' ';
  out.indicator = has_indicator(text);
  return out;
}

bool is_blank(std::string_view text) {
  std::string rest = util::replace_all(text, "\u0085", " ");
  rest = util::replace_all(rest, "\u00a0", " ");
  return rest.find_first_not_of(" \t\n\v\f\r") == std::string::npos;
}

// Whether a literal block of the text reads back as something else: the block takes its indentation
// from the first line with text, so that blanks there are lost behind empty lines, and tabs are
// refused.
bool is_fragile_block(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\n');
  return first != std::string_view::npos &&
         (text[first] == '\t' || (text[first] == ' ' && first != 0));
}

Style style_of(std::string_view text, bool as_key) {
  if (text.empty()) {
    return Style::quoted;
  }
  const TextTraits traits = traits_of(text);
  if (traits.separators) {
    return Style::quoted;
  }
  if (traits.lines) {
    const bool literal = !as_key && !is_blank(text) && !traits.trailing_space &&
                         !traits.space_before_break && !traits.special && !is_fragile_block(text);
    return literal ? Style::literal : Style::quoted;
  }
  if (!reads_as_string(text) || traits.tab || traits.special) {
    return Style::quoted;
  }
  return traits.blank_edge || traits.indicator ? Style::single : Style::plain;
}

std::uint32_t code_point_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
  };
  switch (sequence_length(static_cast<unsigned char>(text[at]))) {
    case 1: return byte(0);
    case 2: return ((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU);
    case 3: return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    default:
      return ((byte(0) & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) | ((byte(2) & 0x3FU) << 6U) |
             (byte(3) & 0x3FU);
  }
}

void append_escape(std::string& out, std::uint32_t point) {
  struct Named {
    std::uint32_t point;
    char letter;
  };

  static constexpr Named kNamed[] = {{0, '0'},
                                     {7, 'a'},
                                     {8, 'b'},
                                     {9, 't'},
                                     {10, 'n'},
                                     {11, 'v'},
                                     {12, 'f'},
                                     {13, 'r'},
                                     {27, 'e'},
                                     {'"', '"'},
                                     {'\\', '\\'},
                                     {0x85, 'N'},
                                     {0xA0, '_'},
                                     {0x2028, 'L'},
                                     {0x2029, 'P'}};
  out += '\\';
  const auto named = std::find_if(
      std::begin(kNamed), std::end(kNamed), [&](const Named& each) { return each.point == point; });
  if (named != std::end(kNamed)) {
    out += named->letter;
    return;
  }
  const int digits = point <= 0xFF ? 2 : point <= 0xFFFF ? 4 : 8;
  out += digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out += "0123456789ABCDEF"[(point >> static_cast<unsigned>(shift)) & 15U];
  }
}

std::string in_double_quotes(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[i]));
    const std::string_view one = text.substr(i, length);
    if (is_special(text, i) || is_one_of(text[i], "\n\"\\") || one == "\u2028" || one == "\u2029") {
      append_escape(out, code_point_at(text, i));
    } else {
      out += one;
    }
    i += length;
  }
  return out + '"';
}

std::string base64_lines(std::string_view bytes) {
  const std::string all = util::base64(bytes);
  if (all.size() < kBase64Line) {
    return all;
  }
  std::string out;
  for (std::size_t i = 0; i < all.size(); i += kBase64Line) {
    out += all.substr(i, kBase64Line) + '\n';
  }
  return out;
}

std::string number_in_yaml(double value) {
  if (std::isnan(value)) {
    return ".nan";
  }
  if (std::isinf(value)) {
    return value < 0 ? "-.inf" : ".inf";
  }
  return doc::number_text(value);
}

// One of YAML 1.1, which knows more of them.
bool has_line_break(std::string_view text) {
  return text.find_first_of("\n\r") != std::string_view::npos ||
         text.find("\u0085") != std::string_view::npos ||
         text.find("\u2028") != std::string_view::npos ||
         text.find("\u2029") != std::string_view::npos;
}

class ReferenceYaml {
 public:
  // Writes behind what introduces the node ("key:", "-" or nothing), which ends without a blank.
  // A collection may begin in the same line when it is an item of a list.
  void write(const doc::Node& node, std::size_t indent, bool in_item) {
    if (const doc::Mapping* mapping = node.as_mapping();
        mapping != nullptr && !mapping->entries.empty()) {
      write_mapping(*mapping, indent, in_item);
    } else if (const doc::Sequence* list = node.as_sequence();
               list != nullptr && !list->items.empty()) {
      write_sequence(*list, indent, in_item);
    } else {
      if (!out_.empty()) {
        out_ += ' ';
      }
      write_scalar(node, indent);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void begin(std::size_t indent, bool& same_line) {
    if (same_line && !out_.empty()) {
      out_ += ' ';
    } else {
      if (!out_.empty() && out_.back() != '\n') {
        out_ += '\n';
      }
      out_.append(indent, ' ');
    }
    same_line = false;
  }

  void write_mapping(const doc::Mapping& mapping, std::size_t indent, bool same_line) {
    for (const doc::Entry& entry : mapping.entries) {
      begin(indent, same_line);
      const std::string& key = entry.key.value;
      if (key.size() > kLongestKeyOnOneLine || has_line_break(key)) {
        out_ += "? ";
        write_text(key, indent + 2, false);
        out_.append(indent, ' ');
        out_ += ':';
        write(entry.value, indent + 2, true);
      } else {
        write_text(key, indent, true);
        out_ += ':';
        write(entry.value, indent + 2, false);
      }
    }
  }

  void write_sequence(const doc::Sequence& list, std::size_t indent, bool same_line) {
    for (const doc::Node& item : list.items) {
      begin(indent, same_line);
      out_ += '-';
      write(item, indent + 2, true);
    }
  }

  void write_scalar(const doc::Node& node, std::size_t indent) {
    if (const std::string* text = node.as_string()) {
      if (node.tag == doc::kTimestampTag) {
        out_ += *text + '\n';
      } else {
        write_text(*text, indent, false);
      }
      return;
    }
    if (const double* number = node.as_double();
        number != nullptr && doc::unsigned_digits(node).empty()) {
      out_ += number_in_yaml(*number);
    } else if (node.as_sequence() != nullptr) {
      out_ += "[]";
    } else if (node.as_mapping() != nullptr) {
      out_ += "{}";
    } else {
      out_ += node.is_null() ? "null" : plain_text(node);
    }
    out_ += '\n';
  }

  // With the end of its line, unless it is a key.
  void write_text(std::string_view text, std::size_t indent, bool as_key) {
    std::string coded;
    if (!util::is_utf8(text)) {
      out_ += "!!binary ";
      coded = base64_lines(text);
      text = coded;
    }
    switch (style_of(text, as_key)) {
      case Style::plain: out_ += text; break;
      case Style::single:
        out_ += "'" + util::replace_all(std::string(text), "'", "''") + "'";
        break;
      case Style::quoted: out_ += in_double_quotes(text); break;
      case Style::literal: write_literal(text, indent); return;
    }
    out_ += as_key ? "" : "\n";
  }

  void write_literal(std::string_view text, std::size_t indent) {
    out_ += '|';
    out_ += text.front() == ' ' ? "2" : "";
    out_ += !text.ends_with('\n') ? "-" : text.ends_with("\n\n") || text == "\n" ? "+" : "";
    out_ += '\n';
    const bool ends = text.ends_with('\n');
    for (const std::string& line :
         util::split(text.substr(0, text.size() - (ends ? 1 : 0)), '\n')) {
      if (!line.empty()) {
        out_.append(indent, ' ');
        out_ += line;
      }
      out_ += '\n';
    }
  }

  std::string out_;
};

}  // namespace

std::string reference_yaml(const doc::Node& node) {
  ReferenceYaml writer;
  writer.write(node, 0, true);
  return writer.take();
}

}  // namespace compose
