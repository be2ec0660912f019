#include "compose/dotenv.hpp"

#include <cstdint>
#include <utility>

#include "compose/go_text.hpp"
#include "compose/substitute.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

// The characters at the front of `text`: how many bytes the first one takes, and its code point.
struct Rune {
  std::uint32_t value = 0;
  std::size_t size = 1;
};

Rune first_rune(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  std::size_t size = 0;
  if (lead >= 0xC2 && lead < 0xE0) {
    size = 2;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    size = 3;
  } else if (lead >= 0xF0 && lead < 0xF5) {
    size = 4;
  }
  if (size == 0 || text.size() < size) {
    return {0xFFFD, 1};
  }
  std::uint32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return {0xFFFD, 1};
    }
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  return {value, size};
}

bool is_blank(std::uint32_t c) {
  return c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == ' ' || c == 0x85 || c == 0xA0;
}

bool is_space(std::uint32_t c) {
  return is_blank(c) || c == '\n' || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

template <class Predicate>
std::string_view trim_left(std::string_view text, Predicate wanted) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (!wanted(rune.value)) {
      break;
    }
    text.remove_prefix(rune.size);
  }
  return text;
}

std::string_view trim_right_spaces(std::string_view text) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) {
      --start;
    }
    if (!is_space(first_rune(text.substr(start)).value)) {
      break;
    }
    text.remove_suffix(text.size() - start);
  }
  return text;
}

// Letters and digits of other scripts count too. Above Latin-1 nearly all characters that people
// type in names are letters, so only the blocks of punctuation and symbols are left out.
bool is_name_char(std::uint32_t c) {
  if (c < 0x80) {
    const char ascii = static_cast<char>(c);
    return util::is_alnum(ascii) || c == '_' || c == '.' || c == '-' || c == '[' || c == ']';
  }
  if (c < 0xC0) {
    return c == 0xAA || c == 0xB2 || c == 0xB3 || c == 0xB5 || c == 0xB9 || c == 0xBA ||
           (c >= 0xBC && c <= 0xBE);
  }
  return c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x206F) && !(c >= 0x2190 && c <= 0x245F) &&
         !(c >= 0x2500 && c <= 0x2BFF) && !(c >= 0x3000 && c <= 0x3004) &&
         !(c >= 0x3008 && c <= 0x3020) && c != 0xFEFF && c != 0xFFFD &&
         !(c >= 0xE000 && c <= 0xF8FF) && c < 0x1F000;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else {
    out += static_cast<char>(0xC0U | (c >> 6U));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

char control_escape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\': return '\\';
    case '"': return '"';
    default: return '\0';
  }
}

// Inside double quotes: \n and friends, \$ (a literal dollar), \0ddd. Anything else keeps its
// backslash.
std::string expand_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[i + 1];
    if (const char control = control_escape(next); control != '\0') {
      out += control;
      ++i;
    } else if (next == '$') {
      out += "$$";
      ++i;
    } else if (next == '0') {
      std::size_t digits = 0;
      while (digits < 3 && i + 2 + digits < text.size() && util::is_digit(text[i + 2 + digits])) {
        ++digits;
      }
      std::uint32_t value = 0;
      bool octal = digits == 3;
      for (std::size_t d = 0; d < digits; ++d) {
        octal = octal && text[i + 2 + d] < '8';
        value = value * 8 + static_cast<std::uint32_t>(text[i + 2 + d] - '0');
      }
      if (octal && value <= 255) {
        append_utf8(out, value);
      } else {
        out += '\\';
        out += text.substr(i + 2, digits);
      }
      i += 1 + digits;
    } else {
      out += '\\';
    }
  }
  return out;
}

class FileVariables final : public VariableSource {
 public:
  FileVariables(const DotenvSource& source, const Environment& variables)
      : source_(source), variables_(variables) {}

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override {
    if (source_.lookup) {
      if (std::optional<std::string> value = source_.lookup(name)) {
        found_ = std::move(*value);
        return found_;
      }
    }
    const auto at = variables_.find(name);
    return at == variables_.end() ? std::nullopt : std::optional<std::string_view>(at->second);
  }

  void unset(std::string_view name) override {
    if (source_.unset) {
      source_.unset(name);
    }
  }

 private:
  const DotenvSource& source_;
  const Environment& variables_;
  mutable std::string found_;
};

class DotenvParser {
 public:
  DotenvParser(std::string_view text, const DotenvSource& source, Environment& variables)
      : rest_(text), source_(source), variables_(variables) {}

  util::Result<void, std::string> parse() {
    while (skip_to_statement()) {
      if (util::Result<void, std::string> done = statement(); !done) {
        return done;
      }
    }
    return {};
  }

 private:
  bool skip_to_statement() {
    while (true) {
      const std::string_view before = rest_;
      rest_ = trim_left(rest_, is_space);
      count_lines(before.substr(0, before.size() - rest_.size()));
      if (rest_.empty() || rest_.front() != '#') {
        return !rest_.empty();
      }
      const std::size_t end = rest_.find('\n');
      rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end);
    }
  }

  void count_lines(std::string_view skipped) {
    for (const char c : skipped) {
      line_ += c == '\n' ? 1 : 0;
    }
  }

  [[nodiscard]] util::unexpected<std::string> fail(const std::string& message) const {
    return util::unexpected("line " + std::to_string(line_) + ": " + message);
  }

  void skip_export() {
    if (!rest_.starts_with("export") || rest_.size() < 7) {
      return;
    }
    const char next = rest_[6];
    if (next == ' ' || next == '\t' || next == '\n' || next == '\r' || next == '\f' ||
        next == '\v') {
      rest_ = trim_left(rest_.substr(6), is_blank);
    }
  }

  util::Result<void, std::string> statement() {
    skip_export();
    std::size_t i = 0;
    std::string_view key;
    std::size_t behind = 0;
    bool inherited = false;
    while (i < rest_.size()) {
      const Rune rune = first_rune(rest_.substr(i));
      if (!is_blank(rune.value)) {
        if (rune.value == '=' || rune.value == ':' || rune.value == '\n') {
          key = rest_.substr(0, i);
          behind = i + 1;
          inherited = rune.value == '\n';
          break;
        }
        if (!is_name_char(rune.value)) {
          return fail("unexpected character " + quoted(rest_.substr(i, rune.size)) +
                      " in variable name " + quoted(rest_.substr(0, rest_.find('\n'))));
        }
      }
      i += rune.size;
    }
    if (rest_.empty()) {
      return util::unexpected(std::string("zero length string"));
    }
    line_ += inherited && key.find(' ') == std::string_view::npos ? 1 : 0;
    key = trim_right_spaces(key);
    rest_ = trim_left(rest_.substr(behind), is_blank);
    if (key.find(' ') != std::string_view::npos) {
      return fail("key cannot contain a space");
    }
    if (inherited) {
      inherit(key);
      return {};
    }
    util::Result<std::string, std::string> read = value();
    if (!read) {
      return util::unexpected(std::move(read.error()));
    }
    variables_.insert_or_assign(std::string(key), std::move(*read));
    return {};
  }

  void inherit(std::string_view key) {
    if (source_.lookup) {
      if (std::optional<std::string> found = source_.lookup(key)) {
        variables_.insert_or_assign(std::string(key), std::move(*found));
      }
    }
  }

  util::Result<std::string, std::string> value() {
    if (!rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'')) {
      return quoted_value(rest_.front());
    }
    const std::size_t end = rest_.find('\n');
    std::string_view text = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    ++line_;
    text = trim_right_spaces(text.substr(0, text.find(" #")));
    return expand(text);
  }

  util::Result<std::string, std::string> quoted_value(char quote) {
    std::string text;
    bool escaped = false;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      line_ += c == '\n' ? 1 : 0;
      if (c == quote && !escaped) {
        rest_ = rest_.substr(i + 1);
        return quote == '"' ? expand(expand_escapes(text)) : text;
      }
      if (c == quote) {
        escaped = false;
        text += c;
      } else if (c == '\\' && !escaped) {
        escaped = true;
      } else {
        if (escaped) {
          escaped = false;
          text += '\\';
        }
        text += c;
      }
    }
    return fail("unterminated quoted value " + std::string(rest_.substr(0, rest_.find('\n'))));
  }

  util::Result<std::string, std::string> expand(std::string_view text) {
    if (text.find('$') == std::string_view::npos) {
      return std::string(text);
    }
    FileVariables variables(source_, variables_);
    util::Result<std::string, TemplateError> value = substitute(text, variables);
    if (value) {
      return std::move(*value);
    }
    return util::unexpected(value.error().required.empty()
                                ? "Invalid template: " + quoted(value.error().invalid)
                                : value.error().required);
  }

  std::string_view rest_;
  const DotenvSource& source_;
  Environment& variables_;
  int line_ = 1;
};

}  // namespace

util::Result<void, std::string> read_dotenv(std::string_view text,
                                            const DotenvSource& source,
                                            Environment& variables) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  return DotenvParser(text, source, variables).parse();
}

void read_raw_env(std::string_view text, const DotenvSource& source, Environment& variables) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      variables.insert_or_assign(std::string(line.substr(0, equals)),
                                 std::string(line.substr(equals + 1)));
    } else if (source.lookup) {
      if (std::optional<std::string> value = source.lookup(line)) {
        variables.insert_or_assign(std::string(line), std::move(*value));
      }
    }
  }
}

}  // namespace compose
