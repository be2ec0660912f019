#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cloudformation/evaluate.hpp"
#include "cloudformation/graph.hpp"
#include "cloudformation/parameters.hpp"
#include "cloudformation/schema.hpp"
#include "cloudformation/template.hpp"

namespace cloudformation {

enum class Action : std::uint8_t { add, modify, remove };
enum class Replacement : std::uint8_t { none, no, conditional, yes };
enum class Cause : std::uint8_t {
  direct_modification,
  parameter_reference,
  resource_reference,
  resource_attribute
};

// Why one property (or the tags) of a resource changes.
struct ChangeDetail {
  std::string attribute = "Properties";  // or "Tags", "Metadata"
  std::string property;                  // top-level name; empty for Tags and Metadata
  std::string kind = "Modify";           // "Add", "Remove", "Modify"
  Recreation recreation = Recreation::never;
  bool is_static = true;  // known now; otherwise it shows at execution
  Cause cause = Cause::direct_modification;
  std::string causing_entity;  // "Topic1", "Topic1.DisplayName", "TopicName"
  doc::Node before;            // values; Null when absent
  doc::Node after;
  bool with_values_only = false;     // shown when property values are asked for
  bool without_values_only = false;  // shown when they are not
};

struct Change {
  Action action = Action::add;
  std::string id;
  std::string type;
  std::string physical_id;
  Replacement replacement = Replacement::none;
  std::string
      policy_action;  // "Delete", "Retain", "ReplaceAndDelete", ...; empty when nothing is lost
  std::vector<std::string> scope;
  std::vector<ChangeDetail> details;
  doc::Node before;  // properties; Null when absent
  doc::Node after;
  bool without_values_only = false;
};

// A resource as it is deployed.
struct Deployed {
  std::string type;
  std::string physical_id;
  doc::Node properties;  // evaluated
  std::map<std::string, doc::Node, std::less<>> attributes;
  std::string deletion_policy;  // empty = Delete
};

struct ChangeInput {
  const Template& document;  // the new one
  const std::vector<ParameterValue>& parameters;
  const std::vector<ParameterValue>& previous_parameters;
  const Conditions& conditions;
  const Pseudo& pseudo;
  const Surroundings&
      outside;  // imports and dynamic references; its ref and attribute are not asked
  const std::map<std::string, Deployed, std::less<>>& deployed;
  bool tags_changed = false;
};

// What bringing the deployed resources to the template would do, sorted by logical id. Pure.
Evaluated<std::vector<Change>> plan_changes(const ChangeInput& input);

// Top-level properties that differ between two evaluated property documents, in the order of
// `after`, removed ones last.
std::vector<std::string> changed_properties(const doc::Node& before, const doc::Node& after);

// How a change of those properties of `type` is done.
Recreation recreation_for(std::string_view type, const std::vector<std::string>& properties);

}  // namespace cloudformation
