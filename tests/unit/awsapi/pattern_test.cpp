#include "util/pattern.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "awsapi/shape.hpp"

namespace {

bool full_match(std::string_view pattern, std::string_view text) {
  const auto compiled = util::Pattern::compile(pattern);
  REQUIRE_MESSAGE(compiled, std::string(pattern));
  return compiled->matches(text);
}

void collect(const awsapi::Shape& shape,
             std::set<const awsapi::Shape*>& seen,
             std::set<std::string_view>& patterns);

void collect(const awsapi::Type& type,
             std::set<const awsapi::Shape*>& seen,
             std::set<std::string_view>& patterns) {
  if (type.shape != nullptr) {
    collect(type.shape(), seen, patterns);
  } else if (type.element != nullptr) {
    collect(*type.element, seen, patterns);
  }
}

void collect(const awsapi::Shape& shape,
             std::set<const awsapi::Shape*>& seen,
             std::set<std::string_view>& patterns) {
  if (!seen.insert(&shape).second) {
    return;
  }
  for (const awsapi::Member& member : shape.members) {
    if (!member.pattern.empty()) {
      patterns.insert(member.pattern);
    }
    collect(*member.type, seen, patterns);
  }
}

}  // namespace

TEST_CASE("a pattern matches whole texts") {
  CHECK(full_match("[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*", "my-Stack9"));
  CHECK(full_match("[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*",
                   "arn:aws:cloudformation:us-east-1:1:stack/a_b/c"));
  CHECK_FALSE(full_match("[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*", "9lives"));
  CHECK_FALSE(full_match("[a-zA-Z][-a-zA-Z0-9]*", "under_score"));
  CHECK(full_match("", ""));
  CHECK_FALSE(full_match("", "x"));
}

TEST_CASE("repetition, groups, anchors") {
  CHECK(full_match("(a|bc|d*)+x?", "abcddbca"));
  CHECK_FALSE(full_match("(a|bc)+", "abcb"));
  CHECK(full_match("^([a-z]+-)+\\d+$", "us-east-1"));
  CHECK_FALSE(full_match("^([a-z]+-)+\\d+$", "us-east-"));
  CHECK(full_match("x{2,3}", "xxx"));
  CHECK_FALSE(full_match("x{2,3}", "x"));
  CHECK_FALSE(full_match("x{2,3}", "xxxx"));
  CHECK(full_match("(ab){2}c{0,}", "ababccc"));
  CHECK(full_match("^[!-~]{1,1024}$", std::string(1024, 'x')));
  CHECK_FALSE(full_match("^[!-~]{1,1024}$", std::string(1025, 'x')));
  CHECK(full_match("((/[A-Za-z0-9\\.,\\+@=_-]+)*)/", "/a/b+c/"));
  CHECK(full_match("(arn:\\b(aws|aws-us-gov|aws-cn)\\b:x)", "arn:aws-cn:x"));
  CHECK_FALSE(full_match("(arn:\\b(aws|aws-us-gov|aws-cn)\\b:x)", "arn:awsx:x"));
  CHECK(full_match("[a-z](?::[0-9])?", "a:1"));
}

TEST_CASE("classes, escapes and characters beyond ASCII") {
  CHECK(full_match("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", "Größe 12_@"));
  CHECK_FALSE(full_match("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", "a#b"));
  CHECK(full_match("[a-zA-Z0-9-_]{3}", "a-_"));
  CHECK(full_match("[^:*]*", "a/b"));
  CHECK_FALSE(full_match("[^:*]*", "a:b"));
  CHECK(full_match("[\\u0020-\\u00FF]+", "caf\xC3\xA9"));
  CHECK_FALSE(full_match("[\\u0020-\\u00FF]+", "\xE2\x82\xAC"));
  CHECK(full_match("[\\u0009\\u000A\\u000D\\u0020-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+",
                   "\xF0\x9F\x98\x80"));
  CHECK(full_match("\\u002F[\\u0021-\\u007F]*", "/x"));
  CHECK(full_match("a.c",
                   "a\xC3\xA9"
                   "c"));
  CHECK_FALSE(full_match(".*", "a\nb"));
}

TEST_CASE("long texts and hostile patterns end soon") {
  CHECK(full_match("(a*)*b", std::string(20'000, 'a') + "b"));
  CHECK_FALSE(full_match("(a*)*b", std::string(20'000, 'a')));
  CHECK_FALSE(full_match("(a|a)*c", std::string(20'000, 'a')));
  CHECK_FALSE(util::Pattern::compile("((a{1000}){1000}){1000}"));
  CHECK_FALSE(util::Pattern::compile(std::string(100'000, '(')));
}

TEST_CASE("ill-formed patterns do not compile") {
  for (const char* pattern : {"(",
                              ")",
                              "[a",
                              "a{2",
                              "a{3,2}",
                              "*a",
                              "a**",
                              "\\",
                              "\\q",
                              "\\u12",
                              "\\p{Foo}",
                              "[\\q]",
                              "(?=a)",
                              "[z-a]"}) {
    CAPTURE(pattern);
    CHECK_FALSE(util::Pattern::compile(pattern));
  }
}

TEST_CASE("the models' patterns that we do not check are exactly these") {
  std::set<const awsapi::Shape*> seen;
  std::set<std::string_view> patterns;
  for (const awsapi::Service* service : awsapi::all_services()) {
    for (const awsapi::Operation& operation : service->operations) {
      collect(*operation.input, seen, patterns);
    }
  }
  CHECK(patterns.size() > 30);
  std::set<std::string_view> unsupported;
  for (const std::string_view pattern : patterns) {
    if (util::known_pattern(pattern) == nullptr) {
      unsupported.insert(pattern);
    }
  }
  const std::set<std::string_view> expected{
      "(\\*\\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])",
      "((?=^.{1,127}$)^([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"
      "(\\.([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9]))*$)|(^\\.$)",
      "^(?!arn:)[!-~]{1,253}$",
      "^(?![aA]{1}[wW]{1}[sS]{1}:)([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$",
      "^(\\/|(\\/(?!\\.)+[^$#<>;`|&?{}^*/\\n]+){1,4})$"};
  CHECK(unsupported == expected);
}
