#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "compose/schema.hpp"
#include "convert/support_document.hpp"
#include "convert/support_elements.hpp"
#include "convert/support_matrix.hpp"
#include "support/golden.hpp"
#include "util/strings.hpp"

TEST_CASE("the documentation says what the table says") {
  test::check_golden("docs/compose-support.md", convert::support_document());
}

TEST_CASE("an attribute without a row shares its parent's") {
  REQUIRE(convert::find_support("deploy.update_config.parallelism") != nullptr);
  CHECK(convert::find_support("deploy.update_config.parallelism")->attribute ==
        "deploy.update_config");
  CHECK(convert::find_support("healthcheck.test")->attribute == "healthcheck");
  CHECK(convert::find_support("no_such_attribute") == nullptr);
}

TEST_CASE("every attribute that the schema allows in a service has a row") {
  const std::string_view table = compose::schema_table();
  const std::size_t begin = table.find("\nservice = {\n");
  REQUIRE(begin != std::string_view::npos);
  const std::size_t end = table.find("\n}", begin);
  std::size_t attributes = 0;
  for (const std::string& line : util::split(table.substr(begin + 13, end - begin - 13), '\n')) {
    const bool top_level =
        line.size() > 2 && line.starts_with("  ") && line[2] >= 'a' && line[2] <= 'z';
    if (top_level && line.find(':') != std::string::npos) {
      const std::string name = line.substr(2, line.find_first_of(":*") - 2);
      CAPTURE(name);
      CHECK(convert::find_support(name) != nullptr);
      ++attributes;
    }
  }
  CHECK(attributes > 80);
}

TEST_CASE("every attribute that the schema allows outside of services has a row") {
  const std::string_view table = compose::schema_table();
  std::set<std::string> rows;
  for (const convert::SupportRow& row : convert::element_support()) {
    CHECK(rows.insert(std::string(row.attribute)).second);
  }
  const std::pair<std::string_view, std::string_view> blocks[] = {{"document", ""},
                                                                  {"network", "networks."},
                                                                  {"volume", "volumes."},
                                                                  {"secret", "secrets."},
                                                                  {"config", "configs."}};
  std::size_t attributes = 0;
  for (const auto& [block, prefix] : blocks) {
    const std::string head = "\n" + std::string(block) + " = {\n";
    const std::size_t begin = table.find(head);
    REQUIRE(begin != std::string_view::npos);
    const std::size_t end = table.find("\n}", begin);
    const std::string_view body = table.substr(begin + head.size(), end - begin - head.size());
    for (const std::string& line : util::split(body, '\n')) {
      if (line.size() > 2 && line.starts_with("  ") && line[2] >= 'a' && line[2] <= 'z') {
        const std::string name = std::string(prefix) + line.substr(2, line.find_first_of(":*") - 2);
        CAPTURE(name);
        CHECK(rows.contains(name));
        ++attributes;
      }
    }
  }
  CHECK(attributes > 35);
}

// The converter's sources are the authority: whatever key they name has to be explained.
TEST_CASE("every x-aws key that the converter reads has a row, and every row a reader") {
  std::set<std::string> explained;
  for (const convert::ExtensionRow& row : convert::extension_rows()) {
    explained.insert(std::string(row.key));
  }
  std::set<std::string> read;
  for (const auto& entry : std::filesystem::directory_iterator("src/convert")) {
    if (entry.path().filename().string().starts_with("support_")) {
      continue;
    }
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    const std::string source = text.str();
    for (std::size_t at = source.find("\"x-aws-"); at != std::string::npos;
         at = source.find("\"x-aws-", at + 1)) {
      const std::string key = source.substr(at + 1, source.find('"', at + 1) - at - 1);
      if (key != "x-aws-" && key.find_first_of(" .:") == std::string::npos) {
        read.insert(key);
      }
    }
  }
  for (const std::string& key : read) {
    CAPTURE(key);
    CHECK(explained.contains(key));
  }
  for (const std::string& key : explained) {
    CAPTURE(key);
    CHECK(read.contains(key));
  }
}
