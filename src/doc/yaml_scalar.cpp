#include "doc/yaml_scalar.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "util/hash.hpp"
#include "util/strings.hpp"

namespace doc {
namespace {

std::string without_underscores(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c != '_') {
      out += c;
    }
  }
  return out;
}

struct Based {
  int base = 10;
  std::string_view digits;
};

Based split_base(std::string_view digits) {
  if (digits.size() > 1 && digits[0] == '0') {
    switch (digits[1]) {
      case 'x':
      case 'X': return {16, digits.substr(2)};
      case 'b':
      case 'B': return {2, digits.substr(2)};
      case 'o':
      case 'O': return {8, digits.substr(2)};
      default: return {8, digits.substr(1)};
    }
  }
  return {10, digits};
}

// int64, else (unsigned beyond it) a double with its digits; nothing when the text is no integer.
std::optional<ScalarValue> parse_integer(std::string_view plain) {
  const bool negative = plain.starts_with('-');
  if (negative || plain.starts_with('+')) {
    plain.remove_prefix(1);
  }
  const Based based = split_base(plain);
  std::uint64_t magnitude = 0;
  const char* end = based.digits.data() + based.digits.size();
  const auto [at, error] = std::from_chars(based.digits.data(), end, magnitude, based.base);
  if (based.digits.empty() || at != end || error != std::errc{}) {
    return std::nullopt;
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (negative) {
    if (magnitude > kMax + 1) {
      return std::nullopt;
    }
    return ScalarValue{static_cast<std::int64_t>(~magnitude + 1)};
  }
  if (magnitude > kMax) {
    return ScalarValue{static_cast<double>(magnitude), false, std::to_string(magnitude)};
  }
  return ScalarValue{static_cast<std::int64_t>(magnitude)};
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_yaml_float(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && util::is_digit(text[i])) {
      ++i;
    }
    return i - start;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
    ++i;
  }
  const bool whole = digits() > 0;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0 && !whole) {
      return false;
    }
  } else if (!whole) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
      ++i;
    }
    if (digits() == 0) {
      return false;
    }
  }
  return i == text.size();
}

struct TimeParts {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::string fraction;      // digits without trailing zeros
  std::string offset = "Z";  // "Z" or "+01:00"
};

class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  std::optional<TimeParts> read() {
    if (!number(parts_.year, 4, 4) || !literal('-') || !number(parts_.month, 1, 2) ||
        !literal('-') || !number(parts_.day, 1, 2) || !valid_date()) {
      return std::nullopt;
    }
    if (at_end()) {
      return parts_;
    }
    const char separator = text_[i_];
    if (separator == 'T' || separator == 't') {
      ++i_;
      return clock() && zone() && at_end() ? std::optional(parts_) : std::nullopt;
    }
    if (separator != ' ') {
      return std::nullopt;
    }
    while (i_ < text_.size() && text_[i_] == ' ') {
      ++i_;
    }
    return clock() && at_end() ? std::optional(parts_) : std::nullopt;
  }

 private:
  [[nodiscard]] bool at_end() const { return i_ == text_.size(); }

  bool literal(char c) {
    if (i_ < text_.size() && text_[i_] == c) {
      ++i_;
      return true;
    }
    return false;
  }

  bool number(int& out, std::size_t least, std::size_t most) {
    std::size_t count = 0;
    out = 0;
    while (count < most && i_ < text_.size() && util::is_digit(text_[i_])) {
      out = out * 10 + (text_[i_] - '0');
      ++i_;
      ++count;
    }
    return count >= least;
  }

  [[nodiscard]] bool valid_date() const {
    static constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (parts_.month < 1 || parts_.month > 12 || parts_.day < 1) {
      return false;
    }
    const bool leap = (parts_.year % 4 == 0 && parts_.year % 100 != 0) || parts_.year % 400 == 0;
    const int days =
        kDays[static_cast<std::size_t>(parts_.month) - 1] + (parts_.month == 2 && leap ? 1 : 0);
    return parts_.day <= days;
  }

  bool clock() {
    if (!number(parts_.hour, 1, 2) || !literal(':') || !number(parts_.minute, 1, 2) ||
        !literal(':') || !number(parts_.second, 1, 2) || parts_.hour > 23 || parts_.minute > 59 ||
        parts_.second > 59) {
      return false;
    }
    if (i_ < text_.size() && (text_[i_] == '.' || text_[i_] == ',')) {
      ++i_;
      const std::size_t start = i_;
      while (i_ < text_.size() && util::is_digit(text_[i_])) {
        ++i_;
      }
      parts_.fraction = std::string(text_.substr(start, std::min<std::size_t>(i_ - start, 9)));
      while (parts_.fraction.ends_with('0')) {
        parts_.fraction.pop_back();
      }
      return i_ > start;
    }
    return true;
  }

  bool zone() {
    if (literal('Z')) {
      return true;
    }
    if (i_ >= text_.size() || (text_[i_] != '+' && text_[i_] != '-')) {
      return false;
    }
    const std::string_view offset = text_.substr(i_);
    int hours = 0;
    int minutes = 0;
    ++i_;
    if (!number(hours, 2, 2) || !literal(':') || !number(minutes, 2, 2) || hours > 24 ||
        minutes > 59) {
      return false;
    }
    parts_.offset = hours == 0 && minutes == 0 ? "Z" : std::string(offset.substr(0, 6));
    return true;
  }

  std::string_view text_;
  std::size_t i_ = 0;
  TimeParts parts_;
};

std::optional<std::string> parse_timestamp(std::string_view text) {
  if (text.size() < 8 || text[4] != '-') {
    return std::nullopt;
  }
  const std::optional<TimeParts> parts = TimeReader(text).read();
  if (!parts) {
    return std::nullopt;
  }
  char buffer[64];
  const int length = std::snprintf(buffer,
                                   sizeof buffer,
                                   "%04d-%02d-%02dT%02d:%02d:%02d",
                                   parts->year,
                                   parts->month,
                                   parts->day,
                                   parts->hour,
                                   parts->minute,
                                   parts->second);
  std::string out(buffer, static_cast<std::size_t>(length));
  if (!parts->fraction.empty()) {
    out += "." + parts->fraction;
  }
  return out + parts->offset;
}

ScalarValue plain_number(std::string_view text) {
  if (std::optional<std::string> time = parse_timestamp(text)) {
    return {std::move(*time), true};
  }
  const std::string plain = without_underscores(text);
  if (plain == "-0") {
    return {-0.0, false};
  }
  if (std::optional<ScalarValue> integer = parse_integer(plain)) {
    return std::move(*integer);
  }
  if (is_yaml_float(plain)) {
    if (const std::optional<double> number = parse_double(plain);
        number && std::isfinite(*number)) {
      return {*number, false};
    }
  }
  return {std::string(text), false};
}

std::optional<Node::Value> well_known(std::string_view text) {
  switch (text.size()) {
    case 0: return Node::Value{Null{}};
    case 1: return text == "~" ? std::optional(Node::Value{Null{}}) : std::nullopt;
    case 4:
      if (text == "null" || text == "Null" || text == "NULL") {
        return Node::Value{Null{}};
      }
      if (text == "true" || text == "True" || text == "TRUE") {
        return Node::Value{true};
      }
      break;
    case 5:
      if (text == "false" || text == "False" || text == "FALSE") {
        return Node::Value{false};
      }
      break;
    default: break;
  }
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    return Node::Value{std::numeric_limits<double>::quiet_NaN()};
  }
  const bool negative = text.starts_with('-');
  const std::string_view bare = text.substr(negative || text.starts_with('+') ? 1 : 0);
  if (bare == ".inf" || bare == ".Inf" || bare == ".INF") {
    const double infinity = std::numeric_limits<double>::infinity();
    return Node::Value{negative ? -infinity : infinity};
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> parse_double(std::string_view text) {
  bool negative = false;
  if (text.starts_with('+') || text.starts_with('-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || text.front() == '-' || text.front() == '+') {
    return std::nullopt;
  }
  std::chars_format format = std::chars_format::general;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    if (text.find_first_of("pP") == std::string_view::npos) {
      return std::nullopt;
    }
    format = std::chars_format::hex;
    text.remove_prefix(2);
  }
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, format);
  if (at != end || error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) {
    // Too small is nothing, too large is no number.
    value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(value)) {
      return std::nullopt;
    }
  }
  return negative ? -value : value;
}

ScalarValue resolve_plain_scalar(std::string_view text) {
  if (std::optional<Node::Value> known = well_known(text)) {
    return {std::move(*known), false};
  }
  const char first = text.front();
  if (first == '.') {
    const std::optional<double> number = parse_double(without_underscores(text));
    return number ? ScalarValue{*number, false} : ScalarValue{std::string(text), false};
  }
  if (util::is_digit(first) || first == '-' || first == '+') {
    return plain_number(text);
  }
  return {std::string(text), false};
}

std::optional<ScalarValue> resolve_tagged_scalar(std::string_view tag, std::string_view text) {
  if (tag == "!!str") {
    return ScalarValue{std::string(text), false};
  }
  if (tag == "!!binary") {
    std::optional<std::string> bytes =
        util::from_base64(util::replace_all(util::replace_all(text, "\n", ""), " ", ""));
    return bytes ? std::optional(ScalarValue{std::move(*bytes), false}) : std::nullopt;
  }
  ScalarValue plain = resolve_plain_scalar(text);
  const std::size_t kind = plain.value.index();
  if (tag == "!!null") {
    return kind == 0 ? std::optional(std::move(plain)) : std::nullopt;
  }
  if (tag == "!!bool") {
    return kind == 1 ? std::optional(std::move(plain)) : std::nullopt;
  }
  if (tag == "!!int") {
    return kind == 2 || !plain.unsigned_digits.empty() ? std::optional(std::move(plain))
                                                       : std::nullopt;
  }
  if (tag == "!!float") {
    if (const auto* integer = std::get_if<std::int64_t>(&plain.value)) {
      return ScalarValue{static_cast<double>(*integer), false};
    }
    plain.unsigned_digits.clear();
    return kind == 3 ? std::optional(std::move(plain)) : std::nullopt;
  }
  return plain.is_timestamp ? std::optional(std::move(plain)) : std::nullopt;
}

std::string number_text(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value < 0 ? "-Inf" : "+Inf";
  }
  char buffer[40];
  // Shortest digits first; the exponent decides which form is used.
  auto written =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view scientific(buffer, static_cast<std::size_t>(written.ptr - buffer));
  const std::size_t e = scientific.find('e');
  std::string_view digits = scientific.substr(e + 1);
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
  }
  int exponent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (exponent < -4 || exponent >= 6) {
    return std::string(scientific);
  }
  written = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  return {buffer, written.ptr};
}

std::string timestamp_text(std::string_view rfc3339) {
  const std::size_t t = rfc3339.find('T');
  if (t == std::string_view::npos) {
    return std::string(rfc3339);
  }
  std::string out = std::string(rfc3339.substr(0, t)) + " ";
  const std::string_view rest = rfc3339.substr(t + 1);
  if (rest.ends_with('Z')) {
    return out + std::string(rest.substr(0, rest.size() - 1)) + " +0000 UTC";
  }
  const std::string_view offset = rest.substr(rest.size() - 6);
  const std::string compact = std::string(offset.substr(0, 3)) + std::string(offset.substr(4));
  return out + std::string(rest.substr(0, rest.size() - 6)) + " " + compact + " " + compact;
}

}  // namespace doc
