#include "cloudformation/evaluate.hpp"

#include <doctest/doctest.h>

#include "cloudformation/parameters.hpp"
#include "support.hpp"

using cloudformation_test::json;
using cloudformation_test::parsed;

namespace {

struct World {
  cloudformation::Template document = parsed(
      "{'Parameters': {'Env': {'Type': 'String'}, 'Subnets': {'Type': 'CommaDelimitedList'}},"
      "'Mappings': {'M': {'eu': {'ami': 'a-1', 'zones': ['x', 'y']}}},"
      "'Conditions': {'Prod': {'Fn::Equals': [{'Ref': 'Env'}, 'prod']},"
      "'Both': {'Fn::And': [{'Condition': 'Prod'}, {'Fn::Not': [{'Fn::Equals': ['a', 'b']}]}]}},"
      "'Resources': {'Web': {'Type': 'T'}}}");
  cloudformation::Parameters parameters = {
      {"Env", doc::Node{"prod"}},
      {"Subnets", doc::list({doc::Node{"s-1"}, doc::Node{"s-2"}})}};
  cloudformation::Pseudo pseudo{.account = "000000000000",
                                .region = "us-east-1",
                                .stack_name = "app",
                                .stack_id = "arn:stack",
                                .notification_arns = {},
                                .zones = {"us-east-1a", "us-east-1b"}};
  cloudformation_test::EchoSurroundings surroundings;
  cloudformation::Conditions conditions =
      cloudformation::evaluate_conditions(document, parameters, pseudo).value();

  // The value as JSON, or the error.
  [[nodiscard]] std::string operator()(std::string_view text) const {
    const cloudformation::Scope scope{document, parameters, conditions, pseudo, surroundings};
    auto out = cloudformation::evaluate(json(text), scope);
    return out ? doc::to_json(*out) : out.error();
  }
};

std::string parameter_error(std::string_view declaration, std::string_view value) {
  const auto t = parsed("{'Parameters': {'P': " + std::string(declaration) +
                        "}, 'Resources': {'A': {'Type': 'T'}}}");
  auto out = cloudformation::resolve_parameters(
      t,
      {{"P", std::string(value), false}},
      {},
      [](const std::string& name) -> cloudformation::Evaluated<std::string> { return "<" + name; });
  return out ? doc::to_json(out->front().node()) : out.error();
}

}  // namespace

TEST_CASE("intrinsic functions") {
  const World f;
  CHECK(f("{'Ref': 'Env'}") == R"("prod")");
  CHECK(f("{'Ref': 'Subnets'}") == R"(["s-1","s-2"])");
  CHECK(f("{'Ref': 'AWS::StackName'}") == R"("app")");
  CHECK(f("{'Ref': 'Web'}") == R"("Web-physical")");
  CHECK(f("{'Fn::GetAtt': ['Web', 'Endpoint.Port']}") == R"("Web.Endpoint.Port")");
  CHECK(f("{'Fn::GetAtt': 'Web.Arn'}") == R"("Web.Arn")");
  CHECK(f("{'Fn::Sub': 'x-${Env}-${Web}-${Web.Arn}-${AWS::Region}-${!keep}'}") ==
        R"("x-prod-Web-physical-Web.Arn-us-east-1-${keep}")");
  CHECK(f("{'Fn::Sub': ['${v}', {'v': {'Ref': 'Env'}}]}") == R"("prod")");
  CHECK(f("{'Fn::Join': ['-', ['a', 1, {'Ref': 'Env'}]]}") == R"("a-1-prod")");
  CHECK(f("{'Fn::Join': [',', {'Ref': 'Subnets'}]}") == R"("s-1,s-2")");
  CHECK(f("{'Fn::Select': ['1', {'Ref': 'Subnets'}]}") == R"("s-2")");
  CHECK(f("{'Fn::Split': ['|', 'a||b']}") == R"(["a","","b"])");
  CHECK(f("{'Fn::If': ['Both', 'yes', 'no']}") == R"("yes")");
  CHECK(f("{'Fn::FindInMap': ['M', 'eu', 'zones']}") == R"(["x","y"])");
  CHECK(f("{'Fn::FindInMap': ['M', 'us', 'ami', {'DefaultValue': 'd'}]}") == R"("d")");
  CHECK(f("{'Fn::Base64': 'hello'}") == R"("aGVsbG8=")");
  CHECK(f("{'Fn::Cidr': ['10.0.0.0/16', 2, 8]}") == R"(["10.0.0.0/24","10.0.1.0/24"])");
  CHECK(f("{'Fn::GetAZs': ''}") == R"(["us-east-1a","us-east-1b"])");
  CHECK(f("{'Fn::ImportValue': 'shared-vpc'}") == R"("vpc-1")");
  CHECK(f("{'Fn::ToJsonString': {'a': {'Ref': 'Env'}}}") == R"("{\"a\":\"prod\"}")");
  CHECK(f("{'Fn::Length': {'Ref': 'Subnets'}}") == "2");
}

TEST_CASE("AWS::NoValue removes the property or item, at any depth") {
  const World f;
  CHECK(
      f("{'a': {'Ref': 'AWS::NoValue'}, 'b': [1, {'Fn::If': ['Prod', {'Ref': 'AWS::NoValue'}, 2]}]}") ==
      R"({"b":[1]})");
}

TEST_CASE("a policy document's Condition is no function") {
  const World f;
  CHECK(f("{'Condition': {'StringEquals': {'a': {'Ref': 'Env'}}}}") ==
        R"({"Condition":{"StringEquals":{"a":"prod"}}})");
}

TEST_CASE("wrong arguments are refused in CloudFormation's words") {
  const World f;
  CHECK(f("{'Fn::FindInMap': ['M', 'eu', 'Suffix']}") ==
        "Template error: Unable to get mapping for M::eu::Suffix");
  CHECK(f("{'Fn::Select': [9, ['a']]}") ==
        "Template error: Fn::Select cannot select nonexistent value at index 9");
  CHECK(f("{'Fn::ImportValue': 'other'}") == "No export named other found.");
  CHECK(
      f("{'Fn::Jion': ['a']}")
          .starts_with(
              "Template error: Encountered unsupported function: Fn::Jion Supported functions are: ["));
}

TEST_CASE("what is not known yet makes everything built from it unknown") {
  const World f;
  CHECK(f("{'Fn::Join': ['-', ['a', '{{changeSet:KNOWN_AFTER_APPLY}}']]}") ==
        R"("{{changeSet:KNOWN_AFTER_APPLY}}")");
}

TEST_CASE("conditions that need each other are refused") {
  const auto t = parsed(
      "{'Conditions': {'A': {'Fn::Not': [{'Condition': 'B'}]}, 'B': {'Fn::Not': [{'Condition': "
      "'A'}]}}, 'Resources': {'R': {'Type': 'T'}}}");
  CHECK_FALSE(cloudformation::evaluate_conditions(t, {}, {}).has_value());
}

TEST_CASE("dynamic references keep the colons of a secret's ARN") {
  const cloudformation_test::EchoSurroundings s;
  const auto resolve = [&](std::string_view text) {
    return doc::to_json(cloudformation::resolve_dynamic(json(text), s).value());
  };
  CHECK(resolve("['pre-{{resolve:ssm:/a/b:2}}-post', 5]") == R"(["pre-ssm</a/b|2>-post",5])");
  CHECK(
      resolve("'{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:n-AbCdEf:"
              "SecretString:password}}'") ==
      R"("secretsmanager<arn:aws:secretsmanager:us-east-1:1:secret:n-AbCdEf|SecretString|password>")");
}

TEST_CASE("parameters are checked against their declaration") {
  CHECK(parameter_error("{'Type': 'Number'}", "abc") == "Parameter 'P' must be a number.");
  CHECK(parameter_error("{'Type': 'String', 'AllowedValues': ['a']}", "b") ==
        "Parameter 'P' must be one of AllowedValues");
  CHECK(parameter_error("{'Type': 'String', 'AllowedPattern': '[a-z]+'}", "A") ==
        "Parameter P failed to satisfy constraint: must match pattern [a-z]+");
  CHECK(parameter_error("{'Type': 'Strange'}", "b") ==
        "Template format error: Unrecognized parameter type: Strange");
  CHECK(parameter_error("{'Type': 'List<AWS::EC2::Subnet::Id>'}", "a, b") == R"(["a","b"])");
  CHECK(parameter_error("{'Type': 'AWS::SSM::Parameter::Value<String>'}", "name") == R"("<name")");
}

TEST_CASE("values come from the request, the deployed stack and the defaults, in this order") {
  const auto t = parsed(
      "{'Parameters': {'A': {'Type': 'String'}, 'B': {'Type': 'String'}, 'C': {'Type': 'String', "
      "'Default': 'c'}}, 'Resources': {'R': {'Type': 'T'}}}");
  const auto store = [](const std::string&) -> cloudformation::Evaluated<std::string> {
    return "";
  };
  const auto out = cloudformation::resolve_parameters(
      t, {{"A", "1", false}, {"B", {}, true}}, {{"B", "old", {}, false, false}}, store);
  REQUIRE(out.has_value());
  CHECK((*out)[0].value == "1");
  CHECK((*out)[1].value == "old");
  CHECK((*out)[2].value == "c");
  CHECK(cloudformation::resolve_parameters(t, {}, {}, store).error() ==
        "Parameters: [A, B] must have values");
  CHECK(cloudformation::resolve_parameters(t, {{"Z", "1", false}}, {}, store).error() ==
        "Parameters: [Z] do not exist in the template");
}
