#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cloudformation/template.hpp"
#include "compose/project.hpp"
#include "diag/diagnostic.hpp"
#include "util/file_tree.hpp"

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

// A secret of the project whose value `up` writes before the stack; the template has its ARN and
// the version of its value as parameters. The value itself is nowhere in a template.
struct SecretUpload {
  std::string key;
  std::string name;  // in Secrets Manager
  std::string arn_parameter;
  std::string version_parameter;
  std::string file;                      // absolute path; empty: `content` is the value
  const std::string* content = nullptr;  // of the project; never to be printed
};

std::vector<SecretUpload> secret_uploads(const compose::Project& project);

// Reads a file or a folder of the project that becomes part of the template (`configs`, small bind
// mounts).
using ReadTree = std::function<util::Result<util::FileTree, util::FileError>(const std::string&)>;
util::Result<util::FileTree, util::FileError> read_small_tree(const std::string& path);

// The stack that runs the project on ECS. Pure but for `read_tree`: the same project and files give
// the same template, whatever the account, the region and the order of the services in their files.
// Empty after an error was reported; everything else that is not converted is reported as a warning
// or a note.
std::optional<cloudformation::Template> convert(const compose::Project& project,
                                                diag::Sink& sink,
                                                const ReadTree& read_tree = read_small_tree);

}  // namespace convert
