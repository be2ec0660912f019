#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cloudformation/parse.hpp"
#include "cloudformation/template.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace cloudformation {

// What a value looks like while nobody can know it: a change set shows it for what only exists
// after its execution.
inline constexpr std::string_view kKnownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}";

template <class T>
using Evaluated =
    util::Result<T, std::string>;  // the error is the text after "Template error: " or alike, whole

// "{{resolve:secretsmanager:name:SecretString:key::}}"
struct DynamicReference {
  std::string service;  // "ssm", "ssm-secure", "secretsmanager"
  std::vector<std::string>
      segments;  // what follows, split at ':' (an ARN of a secret is put together again)
};

// What lies outside of the template. Implementations belong to the caller; they answer with text
// for the user.
class Surroundings {
 public:
  Surroundings() = default;
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;
  virtual ~Surroundings() = default;

  // Ref and Fn::GetAtt of a resource of this template.
  virtual Evaluated<doc::Node> ref(const Resource& resource) const = 0;
  virtual Evaluated<doc::Node> attribute(const Resource& resource, std::string_view name) const = 0;
  virtual Evaluated<doc::Node> imported(std::string_view export_name) const = 0;
  virtual Evaluated<std::string> dynamic(const DynamicReference& reference) const = 0;
};

struct Pseudo {
  std::string account, region, partition = "aws", url_suffix = "amazonaws.com";
  std::string stack_name, stack_id;
  std::vector<std::string> notification_arns;
  std::vector<std::string> zones;  // Fn::GetAZs of the region
};

using Parameters =
    std::map<std::string, doc::Node, std::less<>>;  // a string, or a sequence of strings for lists
using Conditions = std::map<std::string, bool, std::less<>>;

// Everything a function can read.
struct Scope {
  const Template& document;
  const Parameters& parameters;
  const Conditions& conditions;
  const Pseudo& pseudo;
  const Surroundings& surroundings;
};

// `value` with every function replaced by its result and properties that are AWS::NoValue left out.
Evaluated<doc::Node> evaluate(const doc::Node& value, const Scope& scope);

// Every condition of the template. Conditions see parameters and mappings only.
Evaluated<Conditions> evaluate_conditions(const Template& t,
                                          const Parameters& parameters,
                                          const Pseudo& pseudo);

// Whether a resource or output exists under `conditions`.
bool is_active(const Resource& resource, const Conditions& conditions);
bool is_active(const Output& output, const Conditions& conditions);

// A scalar as CloudFormation writes it into strings: true, 5, text. Null for lists and maps.
std::optional<std::string> scalar_text(const doc::Node& node);

// Replaces every {{resolve:…}} inside the strings of `value`.
Evaluated<doc::Node> resolve_dynamic(doc::Node value, const Surroundings& surroundings);
bool has_dynamic(const doc::Node& value);

// Blocks of 2^bits addresses, `count` of them, out of `block`: Fn::Cidr.
Evaluated<std::vector<std::string>> split_cidr(std::string_view block,
                                               std::int64_t count,
                                               std::int64_t bits);

}  // namespace cloudformation
