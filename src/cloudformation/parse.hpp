#pragma once

#include <string>
#include <string_view>

#include "cloudformation/template.hpp"
#include "diag/span.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace cloudformation {

// Why a template is no template, in CloudFormation's own words (the message of its
// ValidationError).
struct TemplateError {
  std::string message;
  diag::Span span;
};

// A template from its document; short YAML tags are allowed anywhere. Checks what CloudFormation
// checks before it looks at resource types: known sections and attributes, names, references,
// conditions, functions.
util::Result<Template, TemplateError> parse(doc::Node document);

// Every Ref, Fn::GetAtt, Fn::Sub, DependsOn and condition name of `t` has its target. Part of
// parse(); separate for templates that were built by code.
util::Result<void, TemplateError> check_references(const Template& t);

// The capabilities that `t` needs, of CAPABILITY_IAM and CAPABILITY_NAMED_IAM, and the sentence
// that says why.
struct RequiredCapabilities {
  std::vector<std::string> names;
  std::string reason;
};

RequiredCapabilities required_capabilities(const Template& t);

}  // namespace cloudformation
