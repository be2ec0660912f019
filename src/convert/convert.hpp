#pragma once

#include <cstdint>
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

// What `x-aws-network.subnets` or `x-aws-subnets` asks for.
enum class SubnetKind : std::uint8_t { automatic, in_public, in_private, listed, tagged };

struct SubnetChoice {
  SubnetKind kind = SubnetKind::automatic;
  std::vector<std::string> ids;  // when listed
  std::string tag_key;           // when tagged
  std::string tag_value;
};

// What only an account knows. All of it comes in as parameters of the template, so that the
// template of `convert` and that of `up` are the same bytes.
struct PlacementFact {
  std::string vpc_id;  // empty: the account's default VPC
  SubnetChoice subnets;
  bool internal_balancer = false;
};

// An existing load balancer, by name or ARN; the rest are the parameters that tell of it.
struct BalancerFact {
  std::string reference;
  std::string type;  // application, network
  std::string arn_parameter;
  std::string group_parameter;
  std::string dns_parameter;
  std::string zone_parameter;
};

using FactRequest = std::variant<PlacementFact, BalancerFact>;

// Which facts a deployment of the project needs; the load balancers first, because their VPC is the
// project's where nothing else names one.
std::vector<FactRequest> needed_facts(const compose::Project& project);

// The parameters that a template may have.
inline constexpr std::string_view kVpcParameter = "VpcId";          // AWS::EC2::VPC::Id
inline constexpr std::string_view kSubnetsParameter = "SubnetIds";  // List<AWS::EC2::Subnet::Id>
// … of the load balancers; only where one is made.
inline constexpr std::string_view kBalancerSubnetsParameter = "LoadBalancerSubnetIds";
inline constexpr std::string_view kPublicIpParameter = "AssignPublicIp";  // ENABLED or DISABLED

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
