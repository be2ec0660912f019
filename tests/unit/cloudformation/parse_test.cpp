#include "cloudformation/parse.hpp"

#include <doctest/doctest.h>

#include "cloudformation/graph.hpp"
#include "cloudformation/intrinsics.hpp"
#include "cloudformation/schema.hpp"
#include "support.hpp"

using cloudformation_test::json;
using cloudformation_test::parse_error;
using cloudformation_test::parsed;

namespace {

std::string order_of(std::string_view text) {
  const cloudformation::Template t = parsed(text);
  auto graph = cloudformation::make_graph(t);
  if (!graph) {
    return graph.error().message;
  }
  std::string out;
  for (const std::size_t i : graph->order()) {
    out += (out.empty() ? "" : " ") + t.resources[i].id.str();
  }
  return out;
}

std::string type_error(std::string_view text) {
  auto ok = cloudformation::check_types(parsed(text));
  return ok ? "" : ok.error().message;
}

}  // namespace

TEST_CASE("a malformed template is refused in CloudFormation's words") {
  CHECK(parse_error("[]") == "Template format error: unsupported structure.");
  CHECK(parse_error("{'Description': 'x'}") ==
        "Template format error: At least one Resources member must be defined.");
  CHECK(parse_error("{'Resources': {'A': 'x'}}") ==
        "Template format error: Any Resources member must be an object.");
  CHECK(parse_error("{'Resources': {'A-b': {'Type': 'AWS::SNS::Topic'}}}") ==
        "Template format error: Resource name A-b is non alphanumeric.");
  CHECK(parse_error("{'Resources': {'A': {'Properties': {}}}}") ==
        "Template format error: [/Resources/A] Every Resources object must contain a Type member.");
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T', 'Propertes': {}}}}") ==
        "Invalid template resource property 'Propertes'");
  CHECK(parse_error("{'Resource': {}, 'Resources': {'A': {'Type': 'T'}}}") ==
        "Invalid template property or properties [Resource]");
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T'}}, 'Outputs': {'O': {}}}") ==
        "Template format error: Every Outputs member must contain a Value object");
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T'}}, 'Outputs': {'O': {'Value': null}}}") ==
        "Template format error: [/Outputs/O/Value] 'null' values are not allowed in templates");
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T'}}, 'Mappings': {'M': {'k': {'a': {}}}}}") ==
        "Template format error: Every Mappings attribute must be a String or a List.");
}

TEST_CASE("a reference to nothing is refused with the block it stands in") {
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T', 'Properties': {'P': {'Ref': 'X'}}}}}") ==
        "Template format error: Unresolved resource dependencies [X] in the Resources block of the "
        "template");
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T', 'DependsOn': ['B', 'C']}}}") ==
        "Template format error: Unresolved resource dependencies [B, C] in the Resources block of "
        "the template");
  CHECK(
      parse_error(
          "{'Resources': {'A': {'Type': 'T'}}, 'Outputs': {'O': {'Value': {'Fn::Sub': '${X}'}}}}") ==
      "Template format error: Unresolved resource dependencies [X] in the Outputs block of the "
      "template");
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T', 'Properties': {'P': {'Fn::GetAtt': "
                    "['X', 'Arn']}}}}}") ==
        "Template error: instance of Fn::GetAtt references undefined resource X");
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T', 'Properties': {'P': {'Fn::If': "
                    "['C', 1, 2]}}}}}") ==
        "Template error: unresolved condition dependency C in Fn::If");
}

TEST_CASE("variables of Fn::Sub and pseudo parameters are no dependencies") {
  CHECK(parse_error("{'Resources': {'A': {'Type': 'T', 'Properties': {'P': {'Fn::Sub': ['${v} "
                    "${AWS::Region} ${!lit}', {'v': 'x'}]}}}}}")
            .empty());
}

TEST_CASE("short tags become long functions") {
  doc::Node get_att{"Cluster.Arn"};
  get_att.tag = "!GetAtt";
  doc::Node ref{"LogGroup"};
  ref.tag = "!Ref";
  doc::Node join = doc::list({doc::Node{","}, doc::list({ref, get_att})});
  join.tag = "!Join";
  CHECK(doc::to_json(cloudformation::long_form(join)) ==
        R"({"Fn::Join":[",",[{"Ref":"LogGroup"},{"Fn::GetAtt":["Cluster","Arn"]}]]})");
}

TEST_CASE("the graph follows Ref, GetAtt, Sub and DependsOn, and keeps template order otherwise") {
  CHECK(
      order_of(
          "{'Resources': {"
          "'S': {'Type': 'T', 'DependsOn': 'L', 'Properties': {'c': {'Fn::GetAtt': ['C', 'Arn']}}},"
          "'L': {'Type': 'T', 'Properties': {'x': {'Fn::Sub': 'a-${G.Name}'}}},"
          "'Free': {'Type': 'T'},"
          "'G': {'Type': 'T'}, 'C': {'Type': 'T', 'Properties': {'g': {'Ref': 'G'}}}}}") ==
      "Free G L C S");
}

TEST_CASE("a cycle names its members and not what hangs behind them") {
  CHECK(order_of("{'Resources': {"
                 "'A': {'Type': 'T', 'Properties': {'x': {'Ref': 'B'}}},"
                 "'B': {'Type': 'T', 'Properties': {'x': {'Ref': 'A'}}},"
                 "'Behind': {'Type': 'T', 'DependsOn': 'A'}}}") ==
        "Circular dependency between resources: [A, B]");
}

TEST_CASE("unknown types and properties are named") {
  CHECK(type_error("{'Resources': {'A': {'Type': 'AWS::EFS::Nothing'}}}") ==
        "Template format error: Unrecognized resource types: [AWS::EFS::Nothing]");
  CHECK(type_error(
            "{'Resources': {'A': {'Type': 'AWS::ECS::Cluster', 'Properties': {'Nam': 'x'}}}}") ==
        "Properties validation failed for resource A with message:\n#: extraneous key [Nam] is not "
        "permitted");
  CHECK(type_error("{'Resources': {'A': {'Type': 'AWS::EC2::SecurityGroup'}}}") ==
        "Properties validation failed for resource A with message:\n#: required key "
        "[GroupDescription] not found");
  CHECK(type_error(
            "{'Resources': {'A': {'Type': 'AWS::ECS::Cluster', 'Properties': {'Tags': 'x'}}}}") ==
        "Properties validation failed for resource A with message:\n#/Tags: expected type: "
        "JSONArray, found: String");
  CHECK(type_error("{'Resources': {'A': {'Type': 'AWS::ECS::Cluster'}}, 'Outputs': {'O': {'Value': "
                   "{'Fn::GetAtt': ['A', 'Name']}}}}") ==
        "Template error: resource A does not support attribute type Name in Fn::GetAtt");
}

TEST_CASE("IAM resources need a capability, named ones the stronger") {
  const auto plain = cloudformation::required_capabilities(
      parsed("{'Resources': {'A': {'Type': 'AWS::IAM::Role', 'Properties': {}}}}"));
  CHECK(plain.names == std::vector<std::string>{"CAPABILITY_IAM"});
  CHECK(plain.reason == "The following resource(s) require capabilities: [AWS::IAM::Role]");
  const auto named = cloudformation::required_capabilities(
      parsed("{'Resources': {'A': {'Type': 'AWS::IAM::Role', 'Properties': {'RoleName': 'x'}}}}"));
  CHECK(named.names == std::vector<std::string>{"CAPABILITY_NAMED_IAM"});
  CHECK(cloudformation::required_capabilities(parsed("{'Resources': {'A': {'Type': 'T'}}}"))
            .names.empty());
}
