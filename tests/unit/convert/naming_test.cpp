#include "convert/naming.hpp"

#include <map>

#include <doctest/doctest.h>

using convert::id_part;

TEST_CASE("simple names keep the ids of the earlier tools") {
  CHECK(convert::logical_id("frontend", "TaskDefinition").str() == "FrontendTaskDefinition");
  CHECK(id_part("web2") == "Web2");
  CHECK(id_part("2fa") == "2fa");
  CHECK(convert::legacy_id_part("my-app_2") == "Myapp2");
}

TEST_CASE("separators and capitals are not lost") {
  CHECK(id_part("my-app") == "MyApp");
  CHECK(id_part("myapp") == "Myapp");
  CHECK(id_part("my_app") == "MyappX5f2");
  CHECK(id_part("DB") == "DbX440x421");
  CHECK(id_part("web-1") == "Web1X2d3");
  CHECK(id_part("_") == "xX5f0");
}

TEST_CASE("every name of up to five characters of a small alphabet has an id of its own") {
  constexpr std::string_view kAlphabet = "ax2-_A5";
  std::map<std::string, std::string> owners;
  std::vector<std::string> names = {""};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = names[i];
    if (!name.empty()) {
      const auto [owner, is_new] = owners.emplace(id_part(name), name);
      INFO(name, " and ", owner->second, " share ", owner->first);
      REQUIRE(is_new);
    }
    for (const char c : kAlphabet) {
      if (name.size() < 5) {
        names.push_back(name + c);
      }
    }
  }
  CHECK(owners.size() == names.size() - 1);
}

TEST_CASE("long names stay within a logical id's length and apart from each other") {
  const std::string a = id_part(std::string(300, 'a') + "1");
  const std::string b = id_part(std::string(300, 'a') + "2");
  CHECK(a.size() <= 180);
  CHECK(a != b);
}

TEST_CASE("stack and container names") {
  CHECK(convert::stack_name("my_app") == "my-app");
  CHECK(convert::stack_name("2048") == "p2048");
  CHECK(convert::ecs_name("api.v1") == "api_2ev1");
}
