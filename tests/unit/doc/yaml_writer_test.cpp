#include "doc/yaml_writer.hpp"

#include <doctest/doctest.h>

#include "doc/json_reader.hpp"

namespace {

std::string yaml_of(std::string_view json) {
  const auto node = doc::read_json(json);
  REQUIRE(node.has_value());
  return doc::to_yaml(*node);
}

}  // namespace

TEST_CASE("block style, keys in their order, lists below their key") {
  CHECK(yaml_of(R"({"b":{"x":1,"a":[{"k":"v","l":true},[1,2],[]]},"a":{},"z":null})") ==
        "b:\n"
        "  x: 1\n"
        "  a:\n"
        "    - k: v\n"
        "      l: true\n"
        "    - - 1\n"
        "      - 2\n"
        "    - []\n"
        "a: {}\n"
        "z: null\n");
  CHECK(yaml_of("[]") == "[]\n");
  CHECK(yaml_of("\"text\"") == "text\n");
  CHECK(yaml_of("[1]") == "- 1\n");
}

TEST_CASE("strings that look like another type are quoted") {
  for (const std::string_view word :
       {"",      "y",    "No",   "on",   "OFF",  "true",  "Null", "~",  "012", "0x1f",
        "1_000", "1:30", "1e3",  "+1",   ".5",   "-.inf", ".NaN", "=",  "<<",  "2012-10-17",
        "0o17",  "-7",   "- a",  "a: b", "a #b", "#a",    "*a",   "&a", "!a",  "%a",
        "@a",    "`a",   "'a",   "\"a",  "a:",   " a",    "a ",   "[a", "{a",  "|",
        ">",     "?",    "a\tb", "a\rb", ",a",   "-",     "..."}) {
    CAPTURE(word);
    CHECK(doc::yaml_scalar(word).front() == '"');
  }
}

TEST_CASE("ordinary strings stay plain") {
  for (const std::string_view word : {"redis:7-alpine",
                                      "a:b",
                                      "a b",
                                      "/docker-compose/app",
                                      "${LogGroup.Arn}",
                                      "$x",
                                      "yesterday",
                                      "a#b",
                                      "caf\xc3\xa9",
                                      "AWS::ECS::Service",
                                      "http://localhost:5000/",
                                      "x,y",

                                      "v1"}) {
    CAPTURE(word);
    CHECK(doc::yaml_scalar(word) == word);
  }
}

TEST_CASE("escapes name what YAML would not print or would break a line at") {
  CHECK(doc::yaml_scalar("a\rb") == R"("a\x0db")");
  CHECK(doc::yaml_scalar("a\xc2\x85"
                         "b") == R"("a\x85b")");
  CHECK(doc::yaml_scalar("a\xe2\x80\xa8"
                         "b") == R"("a\u2028b")");
  CHECK(doc::yaml_scalar("q\" \\ \t") == R"("q\" \\ \t")");
}

TEST_CASE("several lines become a literal block with the right chomping") {
  CHECK(yaml_of(R"({"k":"a\nb"})") == "k: |-\n  a\n  b\n");
  CHECK(yaml_of(R"({"k":"a\nb\n"})") == "k: |\n  a\n  b\n");
  CHECK(yaml_of(R"({"k":"a\n\n  b\n\n\n","l":1})") == "k: |+\n  a\n\n    b\n\n\nl: 1\n");
  CHECK(yaml_of(R"({"k":" a\nb"})") == "k: \" a\\nb\"\n");
  CHECK(yaml_of(R"({"k":"a\n  \nb"})") == "k: \"a\\n  \\nb\"\n");
  CHECK(yaml_of(R"(["a\nb"])") == "- |-\n  a\n  b\n");
}

TEST_CASE("tags, doubles and long keys") {
  doc::Node tagged{"Vpc"};
  tagged.tag = "!Ref";
  doc::Node list = doc::list({doc::Node{"A"}, doc::Node{"Arn"}});
  list.tag = "!GetAtt";
  CHECK(doc::to_yaml(doc::map({{"V", tagged}, {"A", list}})) ==
        "V: !Ref Vpc\nA: !GetAtt\n  - A\n  - Arn\n");
  CHECK(doc::to_yaml(doc::Node{1.0}) == "1.0\n");
  CHECK(doc::to_yaml(doc::Node{1e30}) == "1.0e+30\n");
  const std::string key(2000, 'k');
  CHECK(doc::to_yaml(doc::map({{key, doc::Node{1}}})) == "? " + key + "\n: 1\n");
}
