// Small projects in memory, with what the reference implementation makes of
// them (tests/golden/compose/cases.jsonl).
#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/load.hpp"
#include "diag/diagnostic.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "support/golden.hpp"
#include "support/memory_file_system.hpp"
#include "util/file_path.hpp"
#include "util/strings.hpp"

namespace {

constexpr std::string_view kDirectory = "/w/probe/proj";

std::string with_directory(std::string_view text) {
  return util::replace_all(
      util::replace_all(std::string(text), "@DIR@", kDirectory), "@UP@", "/w/probe");
}

std::vector<std::string> list_of(const doc::Node& node, std::string_view key) {
  std::vector<std::string> out;
  const doc::Node* found = node.find(key);
  if (found != nullptr) {
    for (const doc::Node& item : found->as_sequence()->items) {
      out.push_back(with_directory(*item.as_string()));
    }
  }
  return out;
}

void place_paths(doc::Node& node) {
  if (std::string* text = node.as_string()) {
    *text = with_directory(*text);
  } else if (doc::Mapping* mapping = node.as_mapping()) {
    for (doc::Entry& entry : mapping->entries) {
      place_paths(entry.value);
    }
  } else if (doc::Sequence* sequence = node.as_sequence()) {
    for (doc::Node& item : sequence->items) {
      place_paths(item);
    }
  }
}

struct Outcome {
  std::optional<doc::Node> tree;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

Outcome load_case(const doc::Node& recorded) {
  test::MemoryFileSystem files;
  for (const doc::Entry& entry : recorded.find("files")->as_mapping()->entries) {
    files.put(util::join_path(kDirectory, entry.key.value), *entry.value.as_string());
  }
  compose::LoadRequest request;
  request.current_dir = kDirectory;
  request.files = list_of(recorded, "files_given");
  request.profiles = list_of(recorded, "profiles");
  request.environment = {{"HOME", "/home/u"},
                         {"PATH", "/bin"},
                         {"PWD", std::string(kDirectory)},
                         {"A", "1"},
                         {"E", ""}};
  request.drop_unused_resources = true;
  diag::SourceMap sources;
  diag::Bag problems;
  Outcome out;
  if (const std::optional<doc::Node> tree =
          compose::load_model(request, files, sources, problems)) {
    // Through JSON, which has no times: the reference's answer went that way
    // too.
    out.tree = doc::read_json(doc::to_json(*tree)).value();
  }
  for (const diag::Diagnostic& each : problems.all()) {
    if (each.severity == diag::Severity::error) {
      out.errors.push_back(each.message);
    } else if (each.severity == diag::Severity::warning) {
      out.warnings.push_back("level=warning msg=" + doc::json_quote(each.message));
    }
  }
  std::sort(out.warnings.begin(), out.warnings.end());
  return out;
}

}  // namespace

TEST_CASE("every part of the loader has recorded projects") {
  std::map<std::string, int, std::less<>> topics;
  std::istringstream recorded(test::read_file("tests/golden/compose/cases.jsonl"));
  for (std::string line; std::getline(recorded, line);) {
    ++topics[*doc::read_json(line)->find("topic")->as_string()];
  }
  for (const std::string_view topic : {"discovery and names",
                                       "dotenv",
                                       "yaml",
                                       "reset and override",
                                       "interpolation",
                                       "casts",
                                       "include",
                                       "extends",
                                       "merge",
                                       "unicity",
                                       "schema",
                                       "long forms",
                                       "defaults and checks",
                                       "paths",
                                       "variables of the environment",
                                       "normalisation",
                                       "values",
                                       "profiles and selection",
                                       "consistency",
                                       "env_file and label_file",
                                       "the printed model"}) {
    CAPTURE(topic);
    CHECK(topics[std::string(topic)] > 0);
    topics.erase(std::string(topic));
  }
  CHECK(topics.empty());
}

TEST_CASE("every recorded project comes out as the reference makes it") {
  std::istringstream recorded(test::read_file("tests/golden/compose/cases.jsonl"));
  int cases = 0;
  for (std::string line; std::getline(recorded, line);) {
    util::Result<doc::Node, doc::JsonError> node = doc::read_json(line);
    REQUIRE(node);
    ++cases;
    const Outcome outcome = load_case(*node);
    CAPTURE(doc::to_json(*node->find("files")));
    if (doc::Node* tree = node->find("tree")) {
      place_paths(*tree);
      CAPTURE(util::join(outcome.errors, "\n"));
      REQUIRE(outcome.tree.has_value());
      CHECK_MESSAGE(doc::equivalent(*tree, *outcome.tree),
                    "want ",
                    doc::to_json(*tree),
                    "\n got ",
                    doc::to_json(*outcome.tree));
      CHECK(outcome.warnings == list_of(*node, "warnings"));
    } else {
      const std::string want = with_directory(*node->find("error")->as_string());
      CHECK_FALSE(outcome.tree.has_value());
      CHECK_MESSAGE(
          std::find(outcome.errors.begin(), outcome.errors.end(), want) != outcome.errors.end(),
          "want ",
          want,
          "\n got ",
          util::join(outcome.errors, "\n"));
    }
  }
  CHECK(cases > 200);
}
