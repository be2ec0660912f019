// What holds of every conversion, tried on projects put together at random from blocks of text.
#include <algorithm>
#include <locale>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cloudformation/check.hpp"
#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "diag/render.hpp"
#include "doc/json_writer.hpp"
#include "support/memory_file_system.hpp"
#include "util/strings.hpp"

namespace {

constexpr std::string_view kCanary = "canary-5f1d7c0e";

using Blocks = std::vector<std::string>;  // of services, each with its name in the first line

std::string service_block(std::mt19937& random, int number) {
  constexpr std::string_view kParts[] = {
      "    environment: {A: \"1\", B: two, LEVEL: \"1000000\"}\n",
      "    command: [run, --fast, \"1.5\"]\n",
      "    networks: [front, back]\n",
      "    deploy: {replicas: 3, resources: {limits: {cpus: \"1.5\", memory: 3G}}}\n",
      "    volumes: [\"data:/data\", \"cache:/cache:ro\"]\n",
      "    secrets: [token]\n",
      "    configs: [{source: settings, target: /srv/settings}]\n",
      "    healthcheck: {test: [CMD, check], interval: 10s}\n",
      "    labels: {team: x, owner: \"\\u00e9\"}\n",
      "    user: \"1000:1000\"\n"};
  const std::string name =
      "s" + std::string(random() % 2 == 0 ? "-" : "_") + std::to_string(number);
  std::string out = "  " + name + ":\n    image: image-" + std::to_string(number) + "\n";
  for (const std::string_view part : kParts) {
    out += random() % 3 == 0 ? std::string(part) : "";
  }
  return out +
         (random() % 3 == 0 ? "    ports: [\"" + std::to_string(8000 + number) + ":80\"]\n" : "");
}

Blocks random_services(std::uint32_t seed, int count) {
  std::mt19937 random(seed);
  Blocks out;
  for (int i = 0; i < count; ++i) {
    out.push_back(service_block(random, i));
  }
  return out;
}

std::string file_of(const Blocks& services) {
  std::string text = "services:\n";
  for (const std::string& block : services) {
    text += block;
  }
  return text +
         "networks: {front: {}, back: {}}\n"
         "volumes: {data: {}, cache: {}}\n"
         "secrets: {token: {environment: TOKEN}}\n"
         "configs: {settings: {content: \"a=b\"}}\n";
}

struct Outcome {
  std::optional<cloudformation::Template> made;
  std::string json;
  std::string diagnostics;
};

Outcome convert_file(const std::string& text, const std::string& directory = "/project") {
  test::MemoryFileSystem files;
  files.put(directory + "/compose.yaml", text);
  compose::LoadRequest request;
  request.current_dir = directory;
  request.project_name = "app";
  request.environment = {{"TOKEN", std::string(kCanary)}};
  diag::SourceMap sources;
  diag::Bag bag;
  const auto project = compose::load(request, files, sources, bag);
  Outcome out;
  if (project) {
    out.made = convert::convert(*project, bag);
  }
  out.json = out.made ? doc::to_json(cloudformation::to_node(*out.made)) : std::string();
  out.diagnostics = diag::render_text(bag.all(), sources, diag::Colour::never);
  return out;
}

class Commas final : public std::numpunct<char> {
  [[nodiscard]] char do_decimal_point() const override { return ','; }

  [[nodiscard]] char do_thousands_sep() const override { return '.'; }

  [[nodiscard]] std::string do_grouping() const override { return "\3"; }
};

// The resources of a template by id, as text.
std::map<std::string, std::string> resources_of(const Outcome& outcome) {
  std::map<std::string, std::string> out;
  const doc::Node document = cloudformation::to_node(*outcome.made);
  for (const doc::Entry& entry : document.find("Resources")->as_mapping()->entries) {
    out.emplace(entry.key.value, doc::to_json(entry.value));
  }
  return out;
}

}  // namespace

TEST_CASE("the same files give the same bytes: twice, elsewhere, in another locale, in any order") {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    Blocks services = random_services(seed, 6);
    const Outcome first = convert_file(file_of(services));
    CAPTURE(first.diagnostics);
    REQUIRE(first.made);
    CHECK(convert_file(file_of(services)).json == first.json);
    CHECK(convert_file(file_of(services), "/somewhere/else").json == first.json);
    const std::locale old = std::locale::global(std::locale(std::locale(), new Commas));
    const std::string with_commas = convert_file(file_of(services)).json;
    std::locale::global(old);
    CHECK(with_commas == first.json);
    std::mt19937 random(seed);
    std::shuffle(services.begin(), services.end(), random);
    CHECK(convert_file(file_of(services)).json == first.json);
  }
}

TEST_CASE("what is converted is what AWS accepts") {
  for (std::uint32_t seed = 100; seed < 120; ++seed) {
    const Outcome outcome = convert_file(file_of(random_services(seed, 8)));
    REQUIRE(outcome.made);
    for (const cloudformation::Finding& finding : cloudformation::check(*outcome.made)) {
      FAIL_CHECK(finding.text());
    }
  }
}

TEST_CASE("one more service changes nothing of the others") {
  for (std::uint32_t seed = 200; seed < 212; ++seed) {
    Blocks services = random_services(seed, 5);
    const Outcome before = convert_file(file_of(services));
    services.insert(services.begin() + 2, "  added:\n    image: more\n");
    const Outcome after = convert_file(file_of(services));
    REQUIRE(before.made);
    REQUIRE(after.made);
    const auto now = resources_of(after);
    for (const auto& [id, text] : resources_of(before)) {
      CAPTURE(id);
      REQUIRE(now.contains(id));
      CHECK(now.at(id) == text);
    }
  }
}

TEST_CASE("the value of a secret is in no template and in no message") {
  for (std::uint32_t seed = 300; seed < 320; ++seed) {
    const Outcome outcome = convert_file(file_of(random_services(seed, 6)));
    CHECK(outcome.json.find(kCanary) == std::string::npos);
    CHECK(outcome.diagnostics.find(kCanary) == std::string::npos);
  }
}
