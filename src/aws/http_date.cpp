#include "aws/http_date.hpp"

#include <chrono>

#include "util/strings.hpp"

namespace aws {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

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

}  // namespace aws
