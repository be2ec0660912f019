#include "deploy/secrets.hpp"

#include <doctest/doctest.h>

#include "scripted_api.hpp"

namespace {

using test::ScriptedApi;

std::string token() {
  return "token";
}

const std::vector<deploy::SecretValue> kOne = {{"db", "docker-compose/shop/db", "s3cret"}};

deploy::ApiError answered(const std::string& code) {
  return {deploy::ApiError::Kind::answered, code, "said " + code};
}

}  // namespace

TEST_CASE("a new secret is created with the project's tags") {
  ScriptedApi api;
  api.fail("GetSecretValue", answered("ResourceNotFoundException"));
  api.answer("CreateSecret", R"({"ARN": "arn:db", "VersionId": "v1"})");
  const auto stored = deploy::store_secrets(api, "shop", kOne, token);
  REQUIRE(stored);
  CHECK(stored->at("docker-compose/shop/db").arn == "arn:db");
  CHECK(stored->at("docker-compose/shop/db").version_id == "v1");
  REQUIRE(api.calls_of("CreateSecret").size() == 1);
  const std::string call = api.calls_of("CreateSecret").front();
  CHECK(call.find(R"("SecretString":"s3cret")") != std::string::npos);
  CHECK(call.find(R"({"Key":"com.docker.compose.project","Value":"shop"})") != std::string::npos);
}

TEST_CASE("an unchanged value keeps its version") {
  ScriptedApi api;
  api.answer("GetSecretValue", R"({"ARN": "arn:db", "VersionId": "v7", "SecretString": "s3cret"})");
  const auto stored = deploy::store_secrets(api, "shop", kOne, token);
  REQUIRE(stored);
  CHECK(stored->at("docker-compose/shop/db").version_id == "v7");
  CHECK(api.calls.size() == 1);
}

TEST_CASE("a changed value is a new version, but only of the project's own secret") {
  ScriptedApi api;
  api.answer("GetSecretValue", R"({"ARN": "arn:db", "VersionId": "v7", "SecretString": "old"})");
  api.answer("DescribeSecret",
             R"({"Tags": [{"Key": "com.docker.compose.project", "Value": "shop"}]})");
  api.answer("PutSecretValue", R"({"ARN": "arn:db", "VersionId": "v8"})");
  const auto stored = deploy::store_secrets(api, "shop", kOne, token);
  REQUIRE(stored);
  CHECK(stored->at("docker-compose/shop/db").version_id == "v8");

  ScriptedApi other;
  other.answer("GetSecretValue", R"({"ARN": "arn:db", "VersionId": "v7", "SecretString": "old"})");
  other.answer("DescribeSecret", R"({"Tags": []})");
  const auto refused = deploy::store_secrets(other, "shop", kOne, token);
  REQUIRE_FALSE(refused);
  CHECK(std::holds_alternative<deploy::Refusal>(refused.error()));
  CHECK(other.calls_of("PutSecretValue").empty());
}

TEST_CASE("what Secrets Manager or ECS cannot hold is refused before it is sent") {
  for (const std::string& value :
       {std::string(), std::string(65'537, 'x'), std::string("a\0b", 3)}) {
    ScriptedApi api;
    const auto refused = deploy::store_secrets(api, "shop", {{"db", "n", value}}, token);
    REQUIRE_FALSE(refused);
    CHECK(api.calls.empty());
  }
}

TEST_CASE("down deletes the project's secrets and nobody else's") {
  ScriptedApi api;
  api.answer("ListSecrets", R"({"SecretList": [
    {"Name": "docker-compose/shop/db", "Tags": [{"Key": "com.docker.compose.project", "Value": "shop"}]},
    {"Name": "docker-compose/shop/mine", "Tags": []}]})");
  const auto deleted = deploy::delete_secrets(api, "shop");
  REQUIRE(deleted);
  CHECK(*deleted == std::vector<std::string>{"docker-compose/shop/db"});
  CHECK(api.calls_of("DeleteSecret").size() == 1);
}
