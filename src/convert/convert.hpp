#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cloudformation/template.hpp"
#include "compose/project.hpp"
#include "diag/diagnostic.hpp"

namespace convert {

// What only an account knows. Everything but `Vpc` and `Subnets` may change the template's shape.
struct VpcFact {
  std::string id;  // empty: the account's default VPC
};

using FactRequest = std::variant<VpcFact>;

// Which facts a deployment of the project needs; `convert` itself needs none of them so far,
// because they come in as parameters of the template.
std::vector<FactRequest> needed_facts(const compose::Project& project);

// The parameters that every template has.
inline constexpr std::string_view kVpcParameter = "VpcId";          // AWS::EC2::VPC::Id
inline constexpr std::string_view kSubnetsParameter = "SubnetIds";  // List<AWS::EC2::Subnet::Id>

// The stack that runs the project on ECS. Pure: the same project gives the same template, whatever
// the account, the region and the order of the services in their files. Empty after an error was
// reported; everything else that is not converted is reported as a warning or a note.
std::optional<cloudformation::Template> convert(const compose::Project& project, diag::Sink& sink);

}  // namespace convert
