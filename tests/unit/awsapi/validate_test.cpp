#include "awsapi/validate.hpp"

#include <string>

#include <doctest/doctest.h>

#include "awsapi/cloudformation.hpp"
#include "awsapi/ec2.hpp"
#include "awsapi/ecs.hpp"
#include "awsapi/logs.hpp"
#include "awsapi/secretsmanager.hpp"
#include "doc/json_reader.hpp"

namespace {

awsapi::WireError rejected(const awsapi::Operation& operation, std::string_view json) {
  const auto error = awsapi::validate(operation, *doc::read_json(json));
  REQUIRE(error);
  return *error;
}

}  // namespace

TEST_CASE("violations are said in AWS's words") {
  const auto error = rejected(awsapi::cloudformation::CreateStackRequest::operation(),
                              R"({"StackName":"no_underscores"})");
  CHECK(error.code == "ValidationError");
  CHECK(error.http_status == 400);
  CHECK(
      error.message ==
      "1 validation error detected: Value 'no_underscores' at 'stackName' failed to satisfy constraint: "
      "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*");
}

TEST_CASE("every violation is listed") {
  const auto error =
      rejected(awsapi::cloudformation::CreateStackRequest::operation(),
               R"({"TimeoutInMinutes":0,"Capabilities":["CAPABILITY_FLY"],"OnFailure":"CRY"})");
  CHECK(
      error.message ==
      "4 validation errors detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null; "
      "Value '0' at 'timeoutInMinutes' failed to satisfy constraint: Member must have value greater than or equal to 1; "
      "Value 'CAPABILITY_FLY' at 'capabilities.1.member' failed to satisfy constraint: "
      "Member must satisfy enum value set: [CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]; "
      "Value 'CRY' at 'onFailure' failed to satisfy constraint: "
      "Member must satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]");
}

TEST_CASE("a template longer than the limit is refused") {
  doc::Mapping input;
  input.set("StackName", doc::Node{"s"});
  input.set("TemplateBody", doc::Node{std::string(51'201, 'x')});
  const auto error =
      awsapi::validate(awsapi::cloudformation::CreateStackRequest::operation(), doc::Node{input});
  REQUIRE(error);
  CHECK(
      error->message.find(
          "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200") !=
      std::string::npos);
  CHECK(error->message.size() < 2'000);
}

TEST_CASE("nested members are named by their path") {
  const auto error = rejected(
      awsapi::ecs::CreateServiceRequest::operation(),
      R"({"serviceName":"s","capacityProviderStrategy":[{"capacityProvider":"F"},{"weight":2000}]})");
  CHECK(error.code == "InvalidParameterException");
  CHECK(
      error.message ==
      "2 validation errors detected: Value null at 'capacityProviderStrategy.2.member.capacityProvider' failed to satisfy "
      "constraint: Member must not be null; Value '2000' at 'capacityProviderStrategy.2.member.weight' failed to "
      "satisfy constraint: Member must have value less than or equal to 1000");
}

TEST_CASE("ec2 reports the first problem in its own form") {
  const auto missing = rejected(awsapi::ec2::DescribeVpcAttributeRequest::operation(), "{}");
  CHECK(missing.code == "MissingParameter");
  CHECK(missing.message.find("The request must contain the parameter ") == 0);
  const auto range = rejected(awsapi::ec2::DescribeVpcsRequest::operation(), R"({"MaxResults":2})");
  CHECK(range.code == "InvalidParameterValue");
}

TEST_CASE("each json service has its code") {
  CHECK(rejected(awsapi::logs::CreateLogGroupRequest::operation(), R"({"logGroupName":""})").code ==
        "InvalidParameterException");
  CHECK(rejected(awsapi::secretsmanager::CreateSecretRequest::operation(), "{}").code ==
        "ValidationException");
}

TEST_CASE("a sensitive value is not repeated") {
  const auto error = rejected(awsapi::secretsmanager::CreateSecretRequest::operation(),
                              R"({"Name":"n","SecretString":""})");
  CHECK(error.message.find("Value at 'secretString' failed") != std::string::npos);
}

TEST_CASE("lengths count characters") {
  doc::Mapping input;
  std::string name;
  for (int i = 0; i < 512; ++i) {
    name += "\xC3\xA9";
  }
  input.set("Name", doc::Node{name});
  CHECK_FALSE(
      awsapi::validate(awsapi::secretsmanager::CreateSecretRequest::operation(), doc::Node{input}));
  input.set("Name", doc::Node{name + "x"});
  CHECK(
      awsapi::validate(awsapi::secretsmanager::CreateSecretRequest::operation(), doc::Node{input}));
}
