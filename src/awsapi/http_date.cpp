#include "awsapi/http_date.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "util/strings.hpp"

namespace awsapi {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kDays = "SunMonTueWedThuFriSat";

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  text = util::trim(text);
  if (text.size() != 29 || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const std::size_t month = kMonths.find(text.substr(8, 3));
  const auto day = util::parse_int(text.substr(5, 2));
  const auto year = util::parse_int(text.substr(12, 4));
  const auto hour = util::parse_int(text.substr(17, 2));
  const auto minute = util::parse_int(text.substr(20, 2));
  const auto second = util::parse_int(text.substr(23, 2));
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute ||
      !second) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{static_cast<unsigned>(month / 3 + 1)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return (((days * 24LL + *hour) * 60 + *minute) * 60 + *second) * 1'000;
}

std::string to_http_date(std::int64_t millis) {
  const std::chrono::sys_time<std::chrono::milliseconds> instant{std::chrono::milliseconds{millis}};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(instant - day)};
  const unsigned weekday = std::chrono::weekday{day}.c_encoding();
  const unsigned month = static_cast<unsigned>(date.month());
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(),
                buffer.size(),
                "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT",
                kDays.substr(std::size_t{3} * weekday).data(),
                static_cast<unsigned>(date.day()),
                kMonths.substr(std::size_t{3} * (month - 1)).data(),
                static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return buffer.data();
}

}  // namespace awsapi
