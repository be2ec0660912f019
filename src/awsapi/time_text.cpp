#include "awsapi/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "util/strings.hpp"

namespace awsapi {
namespace {

constexpr std::int64_t kMillisPerSecond = 1'000;
constexpr std::int64_t kMillisPerDay = 86'400'000;
constexpr std::int64_t kFirstMillis = -62'167'219'200'000;  // 0000-01-01
constexpr std::int64_t kLastMillis = 253'402'300'799'999;   // 9999-12-31

// Consumes fixed-width pieces of a timestamp from the left.
class InstantReader {
 public:
  explicit InstantReader(std::string_view text) : rest_(text) {}

  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count ||
        !std::all_of(
            rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), util::is_digit)) {
      return std::nullopt;
    }
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool accept(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) {
      return false;
    }
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }

  // The fraction after the point in milliseconds; further digits are cut off.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0;
    std::size_t seen = 0;
    for (; !rest_.empty() && util::is_digit(rest_.front()); rest_.remove_prefix(1), ++seen) {
      value = seen < 3 ? value * 10 + (rest_.front() - '0') : value;
    }
    for (std::size_t i = seen; i < 3; ++i) {
      value *= 10;
    }
    return seen == 0 ? std::nullopt : std::optional{value};
  }

  [[nodiscard]] char last() const { return last_; }

  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char last_ = 0;
};

std::optional<std::int64_t> read_date(InstantReader& in) {
  const auto year = in.digits(4);
  const auto month = year && in.accept("-") ? in.digits(2) : std::nullopt;
  const auto day = month && in.accept("-") ? in.digits(2) : std::nullopt;
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days{date}.time_since_epoch().count() * kMillisPerDay;
}

std::optional<std::int64_t> read_time(InstantReader& in) {
  const auto hour = in.digits(2);
  const auto minute = hour && in.accept(":") ? in.digits(2) : std::nullopt;
  const auto second = minute && in.accept(":") ? in.digits(2) : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  std::int64_t millis = 0;
  if (in.accept(".,")) {
    const auto fraction = in.fraction();
    if (!fraction) {
      return std::nullopt;
    }
    millis = *fraction;
  }
  return ((*hour * 60LL + *minute) * 60 + *second) * kMillisPerSecond + millis;
}

// What to subtract for "Z", "+02:00", "-0330" or nothing (UTC).
std::optional<std::int64_t> read_offset(InstantReader& in) {
  if (in.done() || in.accept("Zz")) {
    return 0;
  }
  if (!in.accept("+-")) {
    return std::nullopt;
  }
  const int sign = in.last() == '-' ? -1 : 1;
  const auto hours = in.digits(2);
  in.accept(":");
  const auto minutes = hours ? in.digits(2) : std::nullopt;
  if (!minutes) {
    return std::nullopt;
  }
  return sign * (*hours * 60LL + *minutes) * 60 * kMillisPerSecond;
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || !(std::abs(seconds) < 1e12)) {
    return std::nullopt;
  }
  return std::llround(seconds * static_cast<double>(kMillisPerSecond));
}

}  // namespace

std::string to_iso8601(std::int64_t millis) {
  millis = std::clamp(millis, kFirstMillis, kLastMillis);
  const std::chrono::sys_time<std::chrono::milliseconds> instant{std::chrono::milliseconds{millis}};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{instant - day};
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(),
                buffer.size(),
                "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return buffer.data();
}

std::optional<std::int64_t> parse_instant(std::string_view text) {
  InstantReader in(text);
  const auto date = read_date(in);
  if (!date) {
    return parse_seconds(text);
  }
  if (in.done()) {
    return date;
  }
  const auto time = in.accept("Tt ") ? read_time(in) : std::nullopt;
  const auto offset = time ? read_offset(in) : std::nullopt;
  if (!offset || !in.done()) {
    return std::nullopt;
  }
  return *date + *time - *offset;
}

}  // namespace awsapi
