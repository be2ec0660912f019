#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cloudformation/evaluate.hpp"
#include "cloudformation/template.hpp"
#include "util/result.hpp"

namespace cloudformation {

// A parameter as a request gives it.
struct ParameterInput {
  std::string name;
  std::optional<std::string> value;
  bool use_previous = false;
};

// A parameter of a stack: what was given and what functions see.
struct ParameterValue {
  std::string name;
  std::string value;                    // as given, or the default
  std::optional<std::string> resolved;  // AWS::SSM::Parameter::Value<…>: what the store holds
  bool no_echo = false;
  bool is_list = false;

  // What Ref yields: a string, or the parts of a list.
  [[nodiscard]] doc::Node node() const;
  friend bool operator==(const ParameterValue&, const ParameterValue&) = default;
};

// Values of the SSM parameter store; an error is CloudFormation's text.
using ParameterStore = std::function<Evaluated<std::string>(const std::string& name)>;

// The template's parameters under `inputs`; `previous` are those of the deployed stack, for
// use_previous. Checks types, allowed values, patterns and limits. The error is the text of
// CloudFormation's ValidationError.
Evaluated<std::vector<ParameterValue>> resolve_parameters(
    const Template& t,
    const std::vector<ParameterInput>& inputs,
    const std::vector<ParameterValue>& previous,
    const ParameterStore& store);

Parameters to_scope(const std::vector<ParameterValue>& values);

}  // namespace cloudformation
