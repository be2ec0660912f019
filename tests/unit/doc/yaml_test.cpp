#include <doctest/doctest.h>

#include "doc/json_writer.hpp"
#include "doc/yaml_reader.hpp"
#include "doc/yaml_scalar.hpp"

namespace {

std::string read(std::string_view text) {
  const doc::YamlStream stream = doc::read_yaml(text, diag::FileId{1});
  if (!stream.errors.empty()) {
    return "error: " + stream.errors.front().message;
  }
  std::string out;
  for (const doc::YamlDocument& document : stream.documents) {
    out += (out.empty() ? "" : " --- ") + doc::to_json(document.root);
  }
  return out;
}

}  // namespace

TEST_CASE("plain scalars mean what go-yaml makes of them") {
  CHECK(read("[0755, 0x10, 0b11, 0o17, 1_000, +1, 09, -1]") == "[493,16,3,15,1000,1,9,-1]");
  CHECK(read("[yes, no, on, 22:22, =, 1.2.3]") == R"(["yes","no","on","22:22","=","1.2.3"])");
  CHECK(read("[true, False, ~, null, '', 1.50, .5]") == R"([true,false,null,null,"",1.5,0.5])");
  CHECK(read("[2024-01-01, 2024-1-1T15:4:5Z, 2024-13-01]") ==
        R"(["2024-01-01T00:00:00Z","2024-01-01T15:04:05Z","2024-13-01"])");
  CHECK(read("[!!str 1, !!int '3', !!float 2]") == R"(["1",3,2])");
}

TEST_CASE("numbers print as Go prints them") {
  CHECK(doc::number_text(999999.0) == "999999");
  CHECK(doc::number_text(1000000.0) == "1e+06");
  CHECK(doc::number_text(2097152.5) == "2.0971525e+06");
  CHECK(doc::number_text(0.00001) == "1e-05");
  CHECK(doc::number_text(1.5) == "1.5");
  CHECK(doc::timestamp_text("2024-01-01T00:00:00Z") == "2024-01-01 00:00:00 +0000 UTC");
}

TEST_CASE("merge keys: explicit wins, the first of a list wins, shallow") {
  CHECK(read("a: &a {x: 1, y: 1}\nb: {<<: *a, x: 2}") ==
        R"({"a":{"x":1,"y":1},"b":{"x":2,"y":1}})");
  CHECK(read("a: {<<: [{x: 1}, {x: 2, y: 2}]}") == R"({"a":{"x":1,"y":2}})");
  CHECK(
      read("a: {<<: 1}") ==
      "error: construct errors:\n  line 1: yaml: map merge requires map or sequence of maps as the value");
}

TEST_CASE("errors use go-yaml's sentences") {
  CHECK(read("a: 1\nb: 2\na: 3\n") ==
        "error: construct errors:\n  line 1: line 3: mapping key \"a\" already defined at line 1");
  CHECK(read("a: *nope") == "error: line 1, column 5: unknown anchor 'nope' referenced");
  CHECK(
      read("a: &a [*a]") ==
      "error: construct errors:\n  line 1: cycle detected: node at path a.0.0 references node at path a.0");
  CHECK(
      read("a: @x") ==
      "error: while scanning for the next token at line 1, column 4: found character that cannot start any token");
}

TEST_CASE("documents of a stream are read in order; keys that are no strings are told") {
  CHECK(read("a: 1\n---\nb: 2\n") == R"({"a":1} --- {"b":2})");
  const doc::YamlStream stream = doc::read_yaml("services: {1: x}", diag::FileId{1});
  REQUIRE(stream.documents.at(0).odd_keys.size() == 1);
  CHECK(stream.documents[0].odd_keys[0].where == "services");
  CHECK(stream.documents[0].odd_keys[0].key == "1");
}

TEST_CASE("spans are bytes, also behind characters of several bytes and a byte order mark") {
  const std::string text = "\xEF\xBB\xBF\xC3\xA9: b";
  const doc::YamlStream stream = doc::read_yaml(text, diag::FileId{1});
  const doc::Entry& entry = stream.documents.at(0).root.as_mapping()->entries.at(0);
  CHECK(text.substr(entry.value.span.begin, entry.value.span.end - entry.value.span.begin) == "b");
}

TEST_CASE("bombs end in an error: aliases, depth") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int n = 0; n < 9; ++n) {
      bomb += ", " + before;
    }
    bomb += "]\n";
  }
  CHECK(read(bomb) ==
        "error: construct errors:\n  line 1: yaml: document contains excessive aliasing");
  CHECK(read(std::string(10000, '[')).find("exceeded max depth") != std::string::npos);
}

TEST_CASE("a tree has a limit, for all documents together") {
  constexpr std::string_view kText = "a: [1, 2, 3]\n---\nb: [1, 2, 3]\n";
  CHECK(doc::read_yaml(kText, {}).nodes == 12);
  const doc::YamlStream cut = doc::read_yaml(kText, {}, doc::YamlTags::keep, 11);
  CHECK(cut.documents.size() == 1);
  CHECK(cut.errors.front().message == "more than 11 values");
}

TEST_CASE("what Compose resets is not looked into, what it overrides is read apart") {
  const auto fault = [](std::string_view text) {
    const doc::YamlStream stream = doc::read_yaml(text, {}, doc::YamlTags::compose);
    return stream.errors.empty() ? std::string() : stream.errors.front().message;
  };
  CHECK(fault("a: !reset {b: 1, b: 2}\n") == "");
  CHECK(fault("a: !override {b: 1, b: 2}\n") ==
        "construct errors:\n  line 1: mapping key \"b\" already defined at line 1");
  CHECK(fault("a: {b: 1, b: 2}\n") ==
        "construct errors:\n  line 1: line 1: mapping key \"b\" already defined at line 1");
}

TEST_CASE("numbers beyond doubles are texts, those below them nothing") {
  CHECK(std::get<std::string>(doc::resolve_plain_scalar("1e400").value) == "1e400");
  CHECK(std::get<double>(doc::resolve_plain_scalar("1e-400").value) == 0.0);
}
