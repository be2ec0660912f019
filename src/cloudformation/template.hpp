#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.hpp"
#include "util/strong.hpp"

namespace cloudformation {

using LogicalId = util::Strong<struct LogicalIdTag>;

// A CloudFormation template as data. Values are doc::Node in JSON form: an intrinsic function is a
// mapping with its one key ({"Ref": "X"}, {"Fn::GetAtt": ["X", "Arn"]}); the builders below make
// them. Order is kept and printed.

struct Parameter {
  std::string name;
  std::string type = "String";  // or "AWS::EC2::VPC::Id", "List<AWS::EC2::Subnet::Id>",
                                // "AWS::SSM::Parameter::Value<…>"
  doc::Node body;  // the whole declaration: Type, Description, Default, AllowedPattern, NoEcho, ...
};

struct Resource {
  LogicalId id;
  std::string type;      // "AWS::ECS::Service"
  doc::Node properties;  // a mapping; Null when there are none
  std::vector<LogicalId> depends_on;
  std::optional<std::string> condition;
  std::optional<std::string> deletion_policy;
  std::optional<std::string> update_replace_policy;
  doc::Node metadata;  // Null when absent
  doc::Node other;     // CreationPolicy, UpdatePolicy as a mapping; Null when absent
  diag::Span span;  // what caused it (a Compose service) or where it was written (a template file)
};

struct Output {
  std::string name;
  doc::Node body;  // Value, Description, Export, Condition
};

struct Template {
  std::string description;
  doc::Node metadata;
  std::vector<Parameter> parameters;
  doc::Node mappings;    // mapping of mappings; Null when absent
  doc::Node conditions;  // mapping name -> condition; Null when absent
  std::vector<Resource> resources;
  std::vector<Output> outputs;

  [[nodiscard]] const Resource* find(std::string_view logical_id) const;
};

// The template as a document: AWSTemplateFormatVersion, Description, Metadata, Parameters,
// Mappings, Conditions, Resources, Outputs, absent sections left out. Pure; doc::to_json /
// doc::to_yaml print it. A template that is no longer needed is best moved in: its parts move on.
doc::Node to_node(Template t);

doc::Node ref(std::string_view target);
doc::Node get_att(std::string_view target, std::string_view attribute);
doc::Node sub(std::string_view pattern);
doc::Node join(std::string_view separator, std::vector<doc::Node> parts);
doc::Node if_(std::string_view condition, doc::Node then, doc::Node otherwise);

}  // namespace cloudformation
