#include <doctest/doctest.h>

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"

namespace {

std::string round_trip(std::string_view text) {
  const auto node = doc::read_json(text);
  return node ? doc::to_json(*node) : "error at " + std::to_string(node.error().offset);
}

}  // namespace

TEST_CASE("JSON reads back what it writes, in order") {
  CHECK(round_trip(R"({"b":1,"a":[true,null,0.25,"x\ny"]})") ==
        R"({"b":1,"a":[true,null,0.25,"x\ny"]})");
  CHECK(round_trip("9223372036854775807") == "9223372036854775807");
  CHECK(round_trip("0.1") == "0.1");
  CHECK(round_trip("{}") == "{}");
}

TEST_CASE("ill-formed JSON is an error with its offset") {
  CHECK(round_trip("{\"a\" 1}") == "error at 5");
  CHECK(round_trip("") == "error at 0");
  CHECK(round_trip("\"\xff\"") == "error at 1");
}

TEST_CASE("deep nesting ends in an error, not in a crash") {
  const std::string deep(200'000, '[');
  CHECK_FALSE(doc::read_json(deep).has_value());
}

TEST_CASE("spans cover what was written") {
  const auto node = doc::read_json(R"({"key": "value"})");
  REQUIRE(node.has_value());
  CHECK(node->span.begin == 0);
  CHECK(node->span.end == 16);
  CHECK(node->find("key")->span.begin == 8);
  CHECK(node->find("key")->span.end == 15);
}
