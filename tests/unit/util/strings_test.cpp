#include "util/strings.hpp"

#include <doctest/doctest.h>

#include "util/utf8.hpp"

TEST_CASE("the nearest candidate is a slip of the pen away, or nothing") {
  const std::vector<std::string> keys{"ports", "environment", "image"};
  CHECK(util::nearest("prots", keys).value() == "ports");
  CHECK(util::nearest("enviroment", keys).value() == "environment");
  CHECK_FALSE(util::nearest("volumes", keys).has_value());
}

TEST_CASE("split keeps empty fields") {
  CHECK(util::split("a::b", ':') == std::vector<std::string>{"a", "", "b"});
  CHECK(util::split("", ':') == std::vector<std::string>{""});
}

TEST_CASE("UTF-8 is checked as Unicode defines it") {
  CHECK(util::is_utf8("caf\xc3\xa9"));
  CHECK_FALSE(util::is_utf8("\xc0\xaf"));
  CHECK_FALSE(util::is_utf8("\xed\xa0\x80"));
  CHECK(util::to_utf8_lossy("a\xff"
                            "b") ==
        "a\xEF\xBF\xBD"
        "b");
}
