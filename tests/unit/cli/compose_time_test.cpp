#include "cli/commands/compose_time.hpp"

#include <doctest/doctest.h>

namespace {
constexpr std::int64_t kNow = 1'800'000'000'000;
}

TEST_CASE("moments are durations before now, times, or seconds") {
  CHECK(cli::parse_moment("42m", kNow) == kNow - 42 * 60'000);
  CHECK(cli::parse_moment("1h30m", kNow) == kNow - 90 * 60'000);
  CHECK(cli::parse_moment("1.5s", kNow) == kNow - 1500);
  CHECK(cli::parse_moment("1700000000", kNow) == 1'700'000'000'000);
  CHECK(cli::parse_moment("1970-01-02", kNow) == 86'400'000);
  CHECK(cli::parse_moment("1970-01-01T00:00:01.25Z", kNow) == 1250);
  CHECK(cli::parse_moment("1970-01-01T09:00:00+09:00", kNow) == 0);
  CHECK(cli::parse_moment("1970-01-01T00:00", kNow) == 0);
}

TEST_CASE("what is no moment is refused") {
  for (const char* text :
       {"", "yesterday", "10", "2026-13-01", "2026-01-01T25:00:00Z", "5x", "2026-01-01Tnoon"}) {
    CAPTURE(text);
    const bool number = std::string_view(text) == "10";
    CHECK(cli::parse_moment(text, kNow).has_value() == number);
  }
}

TEST_CASE("moments are printed in UTC with milliseconds") {}
