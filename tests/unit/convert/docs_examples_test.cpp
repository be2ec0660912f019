#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "support/memory_file_system.hpp"
#include "util/file_system.hpp"

namespace {

// The ```yaml blocks of a page that are whole Compose files.
std::vector<std::string> compose_blocks(const std::string& page) {
  constexpr std::string_view kFence = "```yaml\n";
  std::vector<std::string> out;
  for (std::size_t at = page.find(kFence); at != std::string::npos; at = page.find(kFence, at)) {
    at += kFence.size();
    const std::string block = page.substr(at, page.find("\n```", at) - at + 1);
    if (block.find("services:\n") != std::string::npos) {
      out.push_back(block);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the Compose files in the documentation become templates") {
  const util::RealFileSystem disk;
  std::size_t converted = 0;
  for (const std::string page : {"docs/ingress.md", "docs/networking.md"}) {
    const auto text = disk.read(page);
    REQUIRE(text);
    for (const std::string& block : compose_blocks(*text)) {
      INFO(page, ":\n", block);
      const test::MemoryFileSystem files({{"/shop/compose.yaml", block}});
      compose::LoadRequest request;
      request.current_dir = "/shop";
      diag::SourceMap sources;
      diag::Bag bag;
      const auto project = compose::load(request, files, sources, bag);
      REQUIRE(project);
      CHECK(convert::convert(*project, bag));
      for (const diag::Diagnostic& diagnostic : bag.all()) {
        INFO(diagnostic.message);
        CHECK(diagnostic.severity == diag::Severity::note);
      }
      ++converted;
    }
  }
  CHECK(converted >= 4);
}
