#include "local/actions/ssm.hpp"

#include <doctest/doctest.h>

#include "support/fake_context.hpp"

namespace {

namespace api = awsapi::ssm;

struct SsmWorld {
  test::FakeContext fake;
  local::ActionTable actions;
  local::Sealer sealer{std::string(32, 'k')};
  local::Ssm ssm{fake.context, sealer};

  SsmWorld() { ssm.add_actions(actions); }

  std::string put(const std::string& name,
                  const std::string& value,
                  const std::string& type,
                  bool overwrite = false) {
    api::PutParameterRequest request;
    request.name = name;
    request.value = value;
    request.type = type;
    request.overwrite = overwrite;
    const auto response = actions.call(request);
    return response ? std::to_string(*response->version) : response.error().code;
  }

  std::string get(const std::string& name, bool decrypt = true) {
    api::GetParameterRequest request;
    request.name = name;
    request.with_decryption = decrypt;
    const auto response = actions.call(request);
    return response ? response->parameter->value.value() : response.error().code;
  }
};

}  // namespace

TEST_CASE("parameters are kept, versioned and found by name, version and ARN") {
  SsmWorld world;
  CHECK(world.put("/app/colour", "red", "String") == "1");
  CHECK(world.put("/app/colour", "blue", "String") == "ParameterAlreadyExists");
  CHECK(world.put("/app/colour", "blue", "String", true) == "2");
  CHECK(world.get("/app/colour") == "blue");
  CHECK(world.get("/app/colour:2") == "blue");
  CHECK(world.get("/app/colour:1") == "ParameterVersionNotFound");
  CHECK(world.get("arn:aws:ssm:us-east-1:000000000000:parameter/app/colour") == "blue");
  CHECK(world.put("plain", "x", "String") == "1");
  CHECK(world.get("arn:aws:ssm:us-east-1:000000000000:parameter/plain") == "x");
  CHECK(world.get("/none") == "ParameterNotFound");
}

TEST_CASE("a secure string is sealed") {
  SsmWorld world;
  CHECK(world.put("/s", "hidden", "SecureString") == "1");
  CHECK(world.get("/s") == "hidden");
  CHECK(world.get("/s", false) != "hidden");
  local::Ssm again(world.fake.context, world.sealer);
  local::ActionTable actions;
  again.add_actions(actions);
  again.restore();
  api::GetParametersRequest request;
  request.names = {"/s", "/none"};
  request.with_decryption = true;
  const auto answer = actions.call(request);
  CHECK(answer->parameters.at(0).value == "hidden");
  CHECK(answer->invalid_parameters == std::vector<std::string>{"/none"});
}

TEST_CASE("names and values that AWS refuses are refused") {
  SsmWorld world;
  CHECK(world.put("/aws/x", "v", "String") == "AccessDeniedException");
  CHECK(world.put("ssm-x", "v", "String") == "ValidationException");
  CHECK(world.put("a/b", "v", "String") == "ValidationException");
  CHECK(world.put("/a b", "v", "String") == "ValidationException");
  CHECK(world.put("/big", std::string(5000, 'x'), "String") == "ValidationException");
  CHECK(world.put("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "v", "String") ==
        "HierarchyLevelLimitExceededException");
}

TEST_CASE("parameters are listed by path, name and type") {
  SsmWorld world;
  world.put("/a/one", "1", "String");
  world.put("/a/deep/two", "2", "SecureString");
  world.put("three", "3", "String");
  const auto names = [&](const std::string& key,
                         const std::optional<std::string>& option,
                         const std::string& value) {
    api::DescribeParametersRequest request;
    request.parameter_filters.push_back({key, option, {value}});
    std::string text;
    const auto answer = world.actions.call(request);
    REQUIRE(answer.has_value());
    for (const auto& parameter : answer->parameters) {
      text += parameter.name.value() + " ";
    }
    return text;
  };
  CHECK(names("Path", std::nullopt, "/a") == "/a/one ");
  CHECK(names("Path", "Recursive", "/a") == "/a/deep/two /a/one ");
  CHECK(names("Name", "Contains", "o") == "/a/deep/two /a/one ");
  CHECK(names("Type", std::nullopt, "String") == "/a/one three ");
}
