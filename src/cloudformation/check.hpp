#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudformation/template.hpp"
#include "diag/span.hpp"

namespace cloudformation {

// What is wrong with a template that CloudFormation or the service behind it would refuse.
struct Finding {
  enum class Kind : std::uint8_t {
    schema,  // AWS's own description of the resource type, or a limit of CloudFormation
    rule,    // what we know about the services, and users may know better
  };
  std::string resource;  // logical id; empty for the template as a whole
  std::string path;      // "Properties.ContainerDefinitions[0].Image"; empty for the whole resource
  std::string message;   // a clause without a period
  std::string help;      // "did you mean `Image`?"; may be empty
  diag::Span span;       // where the value was written; of the resource when it has no place
  Kind kind = Kind::rule;

  // "WebTaskDefinition.Properties.Cpu: …"
  [[nodiscard]] std::string text() const;
};

// Everything that can be known without an account: resource types, properties, required ones, types
// of literal values, enumerations, patterns and ranges of AWS's registry schemas; references and
// attributes; limits of CloudFormation; and the rules between resources that no schema states (task
// sizes, ports of load balancers, volumes, dependencies that a creation needs, …). Values that only
// a function yields are taken for good. Resource types without a description are only checked for
// references. In template order; linear.
std::vector<Finding> check(const Template& t);

}  // namespace cloudformation
