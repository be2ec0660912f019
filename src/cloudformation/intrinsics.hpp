#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.hpp"

namespace cloudformation {

// An intrinsic function in its long form: a mapping with one key, "Ref", "Condition" or "Fn::…".
struct Call {
  std::string_view function;
  const doc::Node* argument;  // points into the node that was asked
};

std::optional<Call> as_call(const doc::Node& node);

// "Fn::Join" and the rest that CloudFormation knows, "Ref" included; false for a misspelt one.
bool is_known_function(std::string_view name);
std::string known_functions();  // "Fn::Base64, Fn::Cidr, …", for the error that lists them

// Short YAML tags (!Ref x, !GetAtt a.b, !Sub …) as long-form mappings, at every depth.
doc::Node long_form(doc::Node node);

// A place where a value depends on something of the template: a resource, a parameter or a pseudo
// parameter.
struct Reference {
  std::string target;         // "Cluster", "AWS::Region"
  std::string attribute;      // "Arn"; empty for Ref and for ${Name} of Fn::Sub
  std::string_view function;  // "Ref", "Fn::GetAtt", "Fn::Sub"
  friend bool operator==(const Reference&, const Reference&) = default;
};

// Every reference of `value`, in order of appearance, repeats included. Branches of Fn::If count
// all.
std::vector<Reference> references(const doc::Node& value);

// Names of the conditions that Fn::If (and Condition inside conditions) mention.
std::vector<std::string> condition_names(const doc::Node& value);

// The pieces of a Fn::Sub pattern: literal text, or the name between ${ and }. "${!x}" is the
// literal "${x}".
struct SubPart {
  bool is_name = false;
  std::string text;
};

std::vector<SubPart> split_sub(std::string_view pattern);

// "Name.Attribute.More" -> {"Name", "Attribute.More"}; the attribute is empty without a dot.
std::pair<std::string, std::string> split_attribute(std::string_view text);

}  // namespace cloudformation
