#include "support/golden.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

namespace test {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in, "cannot read " << path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void check_golden(const std::string& path, std::string_view actual) {
  if (std::getenv("ACCEPT_GOLDENS") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << actual;
    FAIL_CHECK("accepted " << path << "; run again without ACCEPT_GOLDENS");
    return;
  }
  const std::string expected = read_file(path);
  CHECK_MESSAGE(expected == actual, path << " differs; ACCEPT_GOLDENS=1 rewrites it");
}

}  // namespace test
