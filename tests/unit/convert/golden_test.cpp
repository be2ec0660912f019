#include "support/golden.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <doctest/doctest.h>

#include "cloudformation/check.hpp"
#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "diag/render.hpp"
#include "doc/yaml_writer.hpp"
#include "util/strings.hpp"

namespace {

std::string working_directory() {
  std::array<char, 4096> buffer{};
  return ::getcwd(buffer.data(), buffer.size()) == nullptr ? std::string() : buffer.data();
}

struct Conversion {
  std::string text;  // empty when the project was refused
  std::string diagnostics;
  std::string findings;  // of cloudformation::check
};

// As `docker ecs compose convert` in that directory.
Conversion convert_directory(const std::string& directory) {
  compose::LoadRequest request;
  request.current_dir = working_directory() + "/" + directory;
  const util::RealFileSystem files;
  diag::SourceMap sources;
  diag::Bag bag;
  const auto project = compose::load(request, files, sources, bag);
  Conversion out;
  if (project) {
    if (const auto converted = convert::convert(*project, bag)) {
      out.text = doc::to_yaml(cloudformation::to_node(*converted));
      for (const cloudformation::Finding& finding : cloudformation::check(*converted)) {
        out.findings += finding.text() + "\n";
      }
    }
  }
  out.diagnostics = util::replace_all(
      diag::render_text(bag.all(), sources, diag::Colour::never), request.current_dir + "/", "");
  return out;
}

void check_case(const std::string& directory, const std::string& golden) {
  CAPTURE(directory);
  const Conversion first = convert_directory(directory);
  test::check_golden(golden + "/template.yaml", first.text);
  test::check_golden(golden + "/diagnostics.txt", first.diagnostics);
  CHECK(first.findings == "");
  CHECK(convert_directory(directory).text == first.text);
}

}  // namespace

TEST_CASE("Compose files and the templates and diagnostics they give") {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("tests/golden/convert")) {
    if (std::filesystem::exists(entry.path() / "compose.yaml")) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  REQUIRE(names.size() > 10);
  for (const std::string& name : names) {
    check_case("tests/golden/convert/" + name, "tests/golden/convert/" + name);
  }
}

TEST_CASE("the sample application") {
  check_case("examples/timestamper", "tests/golden/convert/sample");
}
