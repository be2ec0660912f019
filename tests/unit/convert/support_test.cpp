#include <doctest/doctest.h>

#include "compose/schema.hpp"
#include "convert/support_document.hpp"
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
