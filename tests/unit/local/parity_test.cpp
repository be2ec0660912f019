#include "local/providers/parity.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "cloudformation/schema.hpp"
#include "doc/json_reader.hpp"
#include "local/providers/provider.hpp"
#include "support/golden.hpp"

TEST_CASE("the document is what the tables say") {
  test::check_golden("docs/local-parity.md", local::parity_document());
}

TEST_CASE(
    "every type that the engine makes is in the table, and every property of the table is one") {
  for (const std::string_view type : cloudformation::known_types()) {
    const auto table = local::parity_table();
    const bool listed =
        std::any_of(table.begin(), table.end(), [&](const auto& row) { return row.type == type; });
    CHECK_MESSAGE(listed == (local::find_provider(type) != nullptr), type);
  }
  for (const local::ParityType& type : local::parity_table()) {
    CHECK_MESSAGE(local::find_provider(type.type) != nullptr, type.type);
    const auto* schema = cloudformation::find_schema(type.type);
    REQUIRE_MESSAGE(schema != nullptr, type.type);
    for (const local::ParityRow& row : type.rows) {
      const auto first = row.path.substr(0, row.path.find('/'));
      CHECK_MESSAGE(schema->find(first) != nullptr, type.type << "/" << row.path);
      CHECK_MESSAGE(!row.sentence.empty(), row.path);
    }
  }
}

TEST_CASE("what the engine cannot do is refused by name, what it can is not") {
  const auto refused = [](std::string_view type, std::string_view json) {
    return local::refused_property(type, "R", *doc::read_json(json)).value_or("");
  };
  CHECK(refused("AWS::ECS::Service", R"({"DeploymentConfiguration": {"Strategy": "BLUE_GREEN"}})")
            .starts_with("Properties validation failed for resource R with message:\n"
                         "#/DeploymentConfiguration/Strategy (BLUE_GREEN): is not in the local "
                         "engine. Deployments are rolling"));
  CHECK(refused("AWS::ECS::Service", R"({"DeploymentConfiguration": {"Strategy": "ROLLING"}})")
            .empty());
  CHECK(refused("AWS::ECS::Service",
                R"({"DeploymentConfiguration": {"Alarms": {"Enable": "false", "Rollback": true}}})")
            .empty());
  CHECK(refused("AWS::ECS::TaskDefinition",
                R"({"Volumes": [{"Name": "a"}, {"Host": {"SourcePath": "/etc"}}]})")
            .find("#/Volumes/1/Host/SourcePath (/etc):") != std::string::npos);
  CHECK(refused("AWS::ECS::TaskDefinition", R"({"NetworkMode": {"Ref": "Mode"}})").empty());
  CHECK(refused("AWS::ECS::TaskDefinition", R"({"InferenceAccelerators": []})").empty());
}

TEST_CASE("what a user may expect to act is named") {
  const auto lines = local::idle_resources(
      R"({"Resources": {"Nightly": {"Type": "AWS::Scheduler::Schedule"}, "L": {"Type": "AWS::Logs::LogGroup"}}})");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("Nightly (AWS::Scheduler::Schedule): Nothing starts by itself"));
  CHECK(local::idle_resources("no template").empty());
}
