// What `config` prints. tests/golden/compose/printed.jsonl holds projects with the texts of the
// reference implementation, as tests/oracle gives them; cases.jsonl further ones, whose YAML has to
// load again.
#include "compose/print_model.hpp"

#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "compose/load.hpp"
#include "compose/print_json.hpp"
#include "compose/print_yaml.hpp"
#include "compose/substitute.hpp"
#include "diag/diagnostic.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "support/golden.hpp"
#include "support/memory_file_system.hpp"
#include "util/file_path.hpp"
#include "util/strings.hpp"

namespace {

using compose::ModelFormat;
using compose::ModelState;

constexpr std::string_view kProject = "/w/probe/proj";

compose::LoadRequest printing_request() {
  compose::LoadRequest request;
  request.current_dir = kProject;
  request.environment = {
      {"HOME", "/home/u"}, {"PATH", "/bin"}, {"PWD", std::string(kProject)}, {"A", "1"}, {"E", ""}};
  request.drop_unused_resources = true;
  return request;
}

void put_files(test::MemoryFileSystem& files, const doc::Node& recorded) {
  for (const doc::Entry& entry : recorded.find("files")->as_mapping()->entries) {
    files.put(util::join_path(kProject, entry.key.value), *entry.value.as_string());
  }
}

std::optional<doc::Node> load(const compose::LoadRequest& request,
                              const test::MemoryFileSystem& files) {
  diag::SourceMap sources;
  diag::Bag problems;
  return compose::load_model(request, files, sources, problems);
}

std::optional<doc::Node> load_text(std::string yaml, const test::MemoryFileSystem& files) {
  compose::LoadRequest request = printing_request();
  request.files = {"-"};
  request.standard_input = std::move(yaml);
  return load(request, files);
}

doc::Node model_of(const std::string& yaml) {
  const test::MemoryFileSystem files;
  std::optional<doc::Node> tree = load_text(yaml, files);
  REQUIRE(tree);
  return std::move(*tree);
}

std::vector<doc::Node> recorded_projects(const std::string& path) {
  std::vector<doc::Node> out;
  std::istringstream lines(test::read_file(path));
  for (std::string line; std::getline(lines, line);) {
    out.push_back(doc::read_json(line).value());
  }
  return out;
}

// Models of which the reference's own YAML does not load again to the same model: dependencies that
// are allowed to be missing, ssh keys with a path, a build without a context, equal ports.
bool is_known_to_change(const std::string& yaml) {
  for (const std::string_view text :
       {"required: false", "'k: /", "build:\n      dockerfile: Dockerfile\n    networks"}) {
    if (yaml.find(text) != std::string::npos) {
      return true;
    }
  }
  const std::string port =
      "      - mode: ingress\n        target: 80\n        published: \"80\"\n        protocol: tcp\n";
  return yaml.find(port + port) != std::string::npos;
}

}  // namespace

TEST_CASE("the texts of config are those of the reference") {
  int projects = 0;
  for (const doc::Node& recorded : recorded_projects("tests/golden/compose/printed.jsonl")) {
    CAPTURE(doc::to_json(*recorded.find("files")));
    test::MemoryFileSystem files;
    put_files(files, recorded);
    const std::optional<doc::Node> tree = load(printing_request(), files);
    REQUIRE(tree);
    ++projects;
    CHECK(compose::print_model(*tree, ModelState::bound, ModelFormat::yaml) ==
          *recorded.find("yaml")->as_string());
    if (const doc::Node* json = recorded.find("json")) {
      CHECK(compose::print_model(*tree, ModelState::bound, ModelFormat::json) ==
            *json->as_string());
    }
    for (const doc::Entry& service : recorded.find("hashes")->as_mapping()->entries) {
      CHECK(compose::service_hash(*tree->find("services")->find(service.key.value), "") ==
            *service.value.as_string());
    }
  }
  CHECK(projects > 45);
}

TEST_CASE("printed YAML loads again to the same model") {
  int again_the_same = 0;
  for (const std::string_view source : {"cases.jsonl", "printed.jsonl"}) {
    for (const doc::Node& recorded :
         recorded_projects("tests/golden/compose/" + std::string(source))) {
      test::MemoryFileSystem files;
      put_files(files, recorded);
      const std::optional<doc::Node> tree = load(printing_request(), files);
      if (!tree) {
        continue;
      }
      const std::string yaml = compose::print_model(*tree, ModelState::bound, ModelFormat::yaml);
      if (is_known_to_change(yaml)) {
        continue;
      }
      CAPTURE(yaml);
      const std::optional<doc::Node> again = load_text(yaml, files);
      REQUIRE(again);
      CHECK_MESSAGE(doc::equivalent(*tree, *again), doc::to_json(*tree));
      ++again_the_same;
    }
  }
  CHECK(again_the_same > 120);
}

TEST_CASE("JSON keeps extensions inside of resources, and models") {
  const std::string json = compose::print_model(
      model_of("services: {a: {image: x, x-aws-role: {b: 1, a: 2}, models: [m]}}\n"
               "models: {m: {model: y}}\n"),
      ModelState::bound,
      ModelFormat::json);
  CHECK(json.find("\"x-aws-role\": {\n        \"a\": 2,\n        \"b\": 1\n      }") !=
        std::string::npos);
  CHECK(json.find("\"model\": \"y\"") != std::string::npos);
}

TEST_CASE("dollars are doubled in values, not in keys, and not in a raw model") {
  const doc::Node tree = model_of("services: {a: {image: 'x$$y', labels: {'$k': v}}}\n");
  const std::string bound = compose::print_model(tree, ModelState::bound, ModelFormat::yaml);
  CHECK(bound.find("image: x$$y") != std::string::npos);
  CHECK(bound.find("      $k: v") != std::string::npos);
  CHECK(compose::print_model(tree, ModelState::raw, ModelFormat::yaml).find("image: x$y") !=
        std::string::npos);
}

TEST_CASE("texts whose reference form reads back as something else stand in double quotes") {
  CHECK(compose::reference_yaml(doc::map({{"a", doc::Node("\n  b\nc")}})) == "a: \"\\n  b\\nc\"\n");
  CHECK(compose::reference_yaml(doc::map({{"a", doc::Node("\tb\nc")}})) == "a: \"\\tb\\nc\"\n");
  CHECK(compose::reference_yaml(doc::map({{"a", doc::Node("b\u2028c")}})) == "a: \"b\\Lc\"\n");
  CHECK(compose::reference_yaml(doc::map({{"a", doc::Node("\xff")}})) == "a: !!binary /w==\n");
}

TEST_CASE(
    "the hash follows the platform that builds default to, and nothing else that only builds") {
  const doc::Node built = model_of("services: {a: {build: {context: /b, args: [A=1]}}}\n");
  const doc::Node other = model_of(
      "services: {a: {build: {context: /b}, scale: 3, profiles: [], pull_policy: build}}\n");
  const doc::Node& service = *built.find("services")->find("a");
  CHECK(compose::service_hash(service, "") ==
        compose::service_hash(*other.find("services")->find("a"), ""));
  CHECK(compose::service_hash(service, "") != compose::service_hash(service, "linux/arm64"));
}

TEST_CASE("keys sort as people count") {
  CHECK(compose::natural_less("a2", "a10"));
  CHECK(compose::natural_less("a-1", "aa"));
  CHECK(compose::natural_less("1", "a"));
  CHECK(compose::natural_less("Z", "a"));
  CHECK(compose::natural_less("a1b", "a1.b"));
  CHECK_FALSE(compose::natural_less("a", "a"));
  CHECK(compose::natural_less("a1", "a01"));
  CHECK(compose::natural_less("a", "ab"));
}

TEST_CASE("variables are found with what their templates say") {
  const doc::Node tree = doc::list({doc::Node("$A ${B:-b${C}} ${D?no ${X}}"),
                                    doc::map({{"$KEY", doc::Node("$$NOT ${E:+e} ${A-1}${F}")}}),
                                    doc::Node("${1} $ ${")});
  std::string all;
  for (const compose::VariableUse& use : compose::variables_of(tree)) {
    all += use.name + (use.required ? "!" : "") + " [" + use.default_value + "] [" +
           use.presence_value + "]\n";
  }
  CHECK(all ==
        "A [1] []\n"
        "B [b${C}] []\n"
        "C [] []\n"
        "D! [] []\n"
        "E [] [e]\n"
        "F [] []\n");
}
