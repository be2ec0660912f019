#include "compose/units.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "compose/go_text.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::optional<std::int64_t> unit_size(std::string_view unit) {
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ns", 1},
      {"us", 1'000},
      {"\xC2\xB5s", 1'000},
      {"\xCE\xBCs", 1'000},
      {"ms", 1'000'000},
      {"s", kSecond},
      {"m", 60 * kSecond},
      {"h", 3600 * kSecond},
      {"d", 24 * 3600 * kSecond},
      {"w", 168 * 3600 * kSecond},
  };
  for (const auto& [name, size] : kUnits) {
    if (name == unit) {
      return size;
    }
  }
  return std::nullopt;
}

class DurationReader {
 public:
  explicit DurationReader(std::string_view text) : all_(text), rest_(text) {}

  util::Result<std::int64_t, std::string> read() {
    const bool negative = rest_.starts_with('-');
    if (negative || rest_.starts_with('+')) {
      rest_.remove_prefix(1);
    }
    if (rest_ == "0") {
      return 0;
    }
    if (rest_.empty()) {
      return invalid();
    }
    std::int64_t total = 0;
    while (!rest_.empty()) {
      const util::Result<std::int64_t, std::string> part = this->part();
      if (!part) {
        return part;
      }
      if (*part > std::numeric_limits<std::int64_t>::max() - total) {
        return invalid();
      }
      total += *part;
    }
    return negative ? -total : total;
  }

 private:
  [[nodiscard]] util::unexpected<std::string> invalid() const {
    return util::unexpected("time: invalid duration \"" + std::string(all_) + "\"");
  }

  std::string_view digits() {
    std::size_t n = 0;
    while (n < rest_.size() && util::is_digit(rest_[n])) {
      ++n;
    }
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }

  util::Result<std::int64_t, std::string> part() {
    const std::string_view whole = digits();
    std::string_view fraction;
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      fraction = digits();
    }
    std::int64_t value = 0;
    if (whole.empty() && fraction.empty()) {
      return invalid();
    }
    if (!whole.empty() &&
        std::from_chars(whole.data(), whole.data() + whole.size(), value).ec != std::errc{}) {
      return invalid();
    }
    std::size_t n = 0;
    while (n < rest_.size() && rest_[n] != '.' && !util::is_digit(rest_[n])) {
      ++n;
    }
    if (n == 0) {
      return util::unexpected("time: missing unit in duration \"" + std::string(all_) + "\"");
    }
    const std::string_view name = rest_.substr(0, n);
    rest_.remove_prefix(n);
    const std::optional<std::int64_t> unit = unit_size(name);
    if (!unit) {
      return util::unexpected("time: unknown unit \"" + std::string(name) + "\" in duration \"" +
                              std::string(all_) + "\"");
    }
    if (value > std::numeric_limits<std::int64_t>::max() / *unit) {
      return invalid();
    }
    return value * *unit + scaled(fraction, *unit);
  }

  static std::int64_t scaled(std::string_view fraction, std::int64_t unit) {
    double scale = 1;
    std::int64_t number = 0;
    for (const char c : fraction.substr(0, 18)) {
      number = number * 10 + (c - '0');
      scale *= 10;
    }
    return static_cast<std::int64_t>(static_cast<double>(number) *
                                     (static_cast<double>(unit) / scale));
  }

  std::string_view all_;
  std::string_view rest_;
};

// `value` units of 10^digits, without trailing zeros: 1500 with 3 digits is 1.5.
std::string decimal(std::int64_t value, int digits) {
  std::string fraction;
  for (int i = 0; i < digits; ++i) {
    fraction.insert(fraction.begin(), static_cast<char>('0' + value % 10));
    value /= 10;
  }
  while (fraction.ends_with('0')) {
    fraction.pop_back();
  }
  return std::to_string(value) + (fraction.empty() ? "" : "." + fraction);
}

util::Result<std::int64_t, std::string> to_bytes(double size) {
  constexpr double kLimit = 9.2e18;
  return size >= kLimit || std::isnan(size) ? std::numeric_limits<std::int64_t>::min()
                                            : static_cast<std::int64_t>(size);
}

// One word after another, as go-shellwords sees them.
class CommandSplitter {
 public:
  explicit CommandSplitter(std::string_view text) : text_(text) {}

  util::Result<CommandLine, std::string> split() {
    for (std::size_t i = 0; i < text_.size() && !done_; ++i) {
      if (!take(text_[i], i)) {
        return util::unexpected(std::string("invalid command line string"));
      }
    }
    if (word_started_) {
      out_.words.push_back(word_);
    }
    if (escaped_ || single_ || double_ || back_ || dollar_) {
      return util::unexpected(std::string("invalid command line string"));
    }
    return std::move(out_);
  }

 private:
  void add(char c) {
    word_started_ = true;
    word_ += c;
  }

  bool take(char c, std::size_t at) {
    if (escaped_) {
      escaped_ = false;
      add(c);
      return true;
    }
    if (c == '\\') {
      if (single_) {
        word_ += c;
      } else {
        escaped_ = true;
      }
      return true;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      blank(c);
      return true;
    }
    return special(c, at);
  }

  void blank(char c) {
    if (single_ || double_ || back_ || dollar_) {
      word_ += c;
    } else if (word_started_) {
      out_.words.push_back(std::exchange(word_, {}));
      word_started_ = false;
    }
  }

  bool special(char c, std::size_t at) {
    switch (c) {
      case '`':
        if (!single_ && !double_ && !dollar_) {
          back_ = !back_;
        }
        break;
      case ')':
        if (!single_ && !double_ && !back_) {
          dollar_ = !dollar_;
        }
        break;
      case '(':
        if (!single_ && !double_ && !back_) {
          if (dollar_ || !word_.ends_with('$')) {
            return false;
          }
          dollar_ = true;
          word_ += '(';
          return true;
        }
        break;
      case '"':
        if (!single_ && !dollar_) {
          word_started_ = word_started_ || double_;
          double_ = !double_;
          return true;
        }
        break;
      case '\'':
        if (!double_ && !dollar_) {
          word_started_ = word_started_ || single_;
          single_ = !single_;
          return true;
        }
        break;
      case ';':
      case '&':
      case '|':
      case '<':
      case '>':
        if (!single_ && !double_ && !back_ && !dollar_) {
          end(c, at);
          return true;
        }
        break;
      default: break;
    }
    add(c);
    return true;
  }

  void end(char c, std::size_t at) {
    if (c == '>' && !word_.empty() && util::is_digit(word_.front())) {
      word_started_ = false;
    }
    out_.cut = at;
    done_ = true;
  }

  std::string_view text_;
  CommandLine out_;
  std::string word_;
  bool word_started_ = false;
  bool escaped_ = false;
  bool single_ = false;
  bool double_ = false;
  bool back_ = false;
  bool dollar_ = false;
  bool done_ = false;
};

}  // namespace

util::Result<std::int64_t, std::string> parse_bytes(std::string_view text) {
  if (const util::Result<std::int64_t, std::string> whole = read_int(text)) {
    return whole;
  }
  const auto invalid = [&] {
    return util::unexpected("invalid size: '" + std::string(text) + "'");
  };
  const std::size_t last = text.find_last_of("0123456789. ");
  if (last == std::string_view::npos) {
    return invalid();
  }
  const std::string_view number = text.substr(0, text[last] == ' ' ? last : last + 1);
  const std::string suffix(text.substr(last + 1));
  const util::Result<double, std::string> size = read_float(number);
  if (!size) {
    return util::unexpected(size.error());
  }
  if (*size < 0) {
    return invalid();
  }
  if (suffix.empty()) {
    return to_bytes(*size);
  }
  if (suffix.size() > 3) {
    return util::unexpected("invalid suffix: '" + suffix + "'");
  }
  const std::string unit = util::to_lower(suffix);
  const auto bad_suffix = [&] { return util::unexpected("invalid suffix: '" + unit + "'"); };
  if (unit == "b") {
    return to_bytes(*size);
  }
  const std::size_t power = std::string_view("kmgtp").find(unit.front());
  const bool good_end =
      unit.size() == 1 || (unit.size() == 2 && unit[1] == 'b') || unit.substr(1) == "ib";
  if (power == std::string_view::npos || !good_end) {
    return bad_suffix();
  }
  return to_bytes(std::ldexp(*size, static_cast<int>(10 * (power + 1))));
}

util::Result<std::int64_t, std::string> parse_duration(std::string_view text) {
  return DurationReader(text).read();
}

std::string duration_text(std::int64_t nanoseconds) {
  if (nanoseconds == 0) {
    return "0s";
  }
  if (nanoseconds < 0) {
    return nanoseconds == std::numeric_limits<std::int64_t>::min()
               ? "-2562047h47m16.854775808s"
               : "-" + duration_text(-nanoseconds);
  }
  if (nanoseconds < 1'000) {
    return std::to_string(nanoseconds) + "ns";
  }
  if (nanoseconds < 1'000'000) {
    return decimal(nanoseconds, 3) + "\xC2\xB5s";
  }
  if (nanoseconds < kSecond) {
    return decimal(nanoseconds, 6) + "ms";
  }
  const std::int64_t minutes = nanoseconds / (60 * kSecond);
  std::string out;
  if (minutes >= 60) {
    out += std::to_string(minutes / 60) + "h";
  }
  if (minutes > 0) {
    out += std::to_string(minutes % 60) + "m";
  }
  return out + decimal(nanoseconds % (60 * kSecond), 9) + "s";
}

util::Result<CommandLine, std::string> split_command(std::string_view text) {
  return CommandSplitter(text).split();
}

}  // namespace compose
