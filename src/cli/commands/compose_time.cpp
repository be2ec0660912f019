#include "cli/commands/compose_time.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "util/strings.hpp"

namespace cli {
namespace {

using std::chrono::milliseconds;

// Takes digits from the front of `text`; nothing when there are fewer than `least`.
std::optional<std::int64_t> take_number(std::string_view& text,
                                        std::size_t least,
                                        std::size_t most) {
  std::size_t length = 0;
  while (length < text.size() && length < most && util::is_digit(text[length])) {
    ++length;
  }
  if (length < least) {
    return std::nullopt;
  }
  const auto value = util::parse_int(text.substr(0, length));
  text.remove_prefix(length);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<double> take_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    double millis;
  };

  constexpr std::array<Unit, 5> kUnits = {
      {{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"d", 86'400'000}}};
  for (const Unit& unit : kUnits) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return unit.millis;
    }
  }
  return std::nullopt;
}

// "1h30m", "1.5h", "90s"
std::optional<std::int64_t> parse_ago(std::string_view text) {
  double millis = 0;
  if (text.empty()) {
    return std::nullopt;
  }
  while (!text.empty()) {
    const auto whole = take_number(text, 1, 9);
    if (!whole) {
      return std::nullopt;
    }
    auto amount = static_cast<double>(*whole);
    if (take(text, '.')) {
      const std::size_t before = text.size();
      const auto fraction = take_number(text, 1, 9);
      if (!fraction) {
        return std::nullopt;
      }
      amount += static_cast<double>(*fraction) /
                std::pow(10.0, static_cast<double>(before - text.size()));
    }
    const auto unit = take_unit(text);
    if (!unit) {
      return std::nullopt;
    }
    millis += amount * *unit;
  }
  return static_cast<std::int64_t>(millis);
}

std::optional<milliseconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2, 2);
  if (!hour || !take(text, ':')) {
    return std::nullopt;
  }
  const auto minute = take_number(text, 2, 2);
  std::optional<std::int64_t> second = 0;
  std::int64_t fraction = 0;
  if (take(text, ':')) {
    second = take_number(text, 2, 2);
    if (take(text, '.')) {
      std::string digits;
      while (!text.empty() && util::is_digit(text.front())) {
        digits += text.front();
        text.remove_prefix(1);
      }
      digits.resize(3, '0');
      fraction = util::parse_int(digits).value_or(0);
    }
  }
  if (!minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return milliseconds(((*hour * 60 + *minute) * 60 + *second) * 1000 + fraction);
}

// "Z", "+09:00" or nothing: how far local time is ahead of UTC.
std::optional<milliseconds> take_offset(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) {
    return milliseconds(0);
  }
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) {
    return std::nullopt;
  }
  const auto hours = take_number(text, 2, 2);
  take(text, ':');
  const auto minutes = take_number(text, 2, 2);
  if (!hours || !minutes) {
    return std::nullopt;
  }
  return milliseconds(sign * (*hours * 60 + *minutes) * 60'000);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4, 4);
  const bool dash = year && take(text, '-');
  const auto month = dash ? take_number(text, 2, 2) : std::nullopt;
  const auto day = month && take(text, '-') ? take_number(text, 2, 2) : std::nullopt;
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  milliseconds at = std::chrono::sys_days(date).time_since_epoch();
  if (take(text, 'T') || take(text, 't') || take(text, ' ')) {
    const auto time = take_time_of_day(text);
    if (!time) {
      return std::nullopt;
    }
    at += *time;
  }
  const auto offset = take_offset(text);
  return offset && text.empty() ? std::optional((at - *offset).count()) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_millis) {
  if (const auto ago = parse_ago(text)) {
    return now_millis - *ago;
  }
  if (const auto seconds = util::parse_int(text)) {
    return *seconds * 1000;
  }
  return parse_rfc3339(text);
}

}  // namespace cli
