// What the reader for simple texts accepts it reads as libyaml does; and most files are simple.
#include "doc/yaml_simple.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "doc/yaml_events.hpp"
#include "doc/yaml_reader.hpp"
#include "support/yaml_difference.hpp"

namespace {

bool is_simple(std::string_view text) {
  const auto events = doc::simple_yaml_events(text);
  if (events == nullptr) {
    return false;
  }
  try {
    doc::YamlEvent event;
    do {
      events->next(event);
    } while (event.kind != doc::YamlEvent::Kind::stream_end);
  } catch (const doc::NotSimple&) {
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("simple YAML is read as libyaml reads it") {
  constexpr std::string_view kTexts[] = {
      "a: 1\n",
      "a: 1",
      "# c\n\n---\n# d\na: b # c\nb: c#d\n# end\n",
      "--- # first\nservices:\n  web:\n    image: nginx:1.2\n    command: [a, 'b''c', \"d\\n\\u00e9\"]\n",
      "a:\n- b\n- c: d\n  e: f\n-   g: h\n    i:\n    - j\n-\n- - k\n  - l\nm:\n",
      "a:\n  - b\n  -\n    c: d\n  - # x\n    - y\n",
      "a: |\n  one\n\n   two \n  three\n\n\nb: >-\n  one\n  two\n\n  three\n   four\n  five\nc: |+\n  x\n\nd: |\n",
      "a: >\n\n  x\n  y\n",
      "a:\n  - |\n   x\n  - >-\n    y\n   \nb: |-\n  z",
      "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: &y !reset f\ng: !!str 1\nh: &z\n- i\nj: !reset\nk: &n\n",
      "{\"a\": [1, 2.5, true, null, {\"b\": \"c\"}], \"d\": {}}",
      "a: {b: c, d, e: , f: [g,\n  h, # c\n  ], 'i':j}\n",
      "a: { b: c }\nb: [ ]\n",
      "  a: b\n  c: d\n",
      "- a\n- b: c\n",
      "\"a b\" : c\n'd': 'e'\nf:    g   \n",
      "a: -1\nb: --flag\nc: [--flag, -x]\nd: http://x/y\ne: a:b\nf: <<\n",
      "a:\n\n  b: c\n\n\n# d\ne: f\n   # g\n",
      "\xc3\xa9: \xe2\x82\xac # \xf0\x9f\x98\x80\nb: [\xc3\xa9]\n",
  };
  for (const std::string_view text : kTexts) {
    CAPTURE(text);
    CHECK(is_simple(text));
    CHECK(test::yaml_difference(doc::read_yaml(text, {1}), doc::read_any_yaml(text, {1})) == "");
  }
}

TEST_CASE("what is beyond simple YAML, or wrong, is left to libyaml") {
  constexpr std::string_view kTexts[] = {
      "",
      "a",
      "a:\tb\n",
      "a: b\r\n",
      "a: b\n  c\n",
      "a: 'b\n  c'\n",
      "? a\n: b\n",
      "&a a: b\n",
      "*a : b\n",
      "a: *b",
      "a: b: c\n",
      "a: - b\n",
      "a: \"b\" c\n",
      "a: [b: c]\n",
      "a: [b\n",
      "a: {b: c\n",
      "a: [b,, c]\n",
      "[a]: b\n",
      "a: b\n c: d\n",
      "a:\n    b: c\n  d: e\n",
      "a: 1\na: 2\n",
      "a: b\n---\nc: d\n",
      "a: b\n...\n",
      "%YAML 1.1\n---\na: b\n",
      "a: \"\\/\"\n",
      "a: \"\\q\"\n",
      "a: |2\n   b\n",
      "a: |\n     \n  b\n",
      "a: @b\n",
      "a: [?b]\n",
      "1: a\n? [x]\n: y\n",
      "a: !!int b\n",
      "a: &x {b: *x}\n",
      "<<: 1\n",
      "\xef\xbb\xbf"
      "a: b\n",
      "a: \xff\n",
      "a: \xc2\x85\n",
      "a: \xe2\x80\xa8\n",
  };
  for (const std::string_view text : kTexts) {
    CAPTURE(text);
    CHECK(test::yaml_difference(doc::read_yaml(text, {1}), doc::read_any_yaml(text, {1})) == "");
  }
  CHECK(!is_simple("a: b\n  c\n"));
}
