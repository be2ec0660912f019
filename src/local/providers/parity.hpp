#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.hpp"

// What the engine does with each resource type and property, in one table: docs/local-parity.md is
// made from it, and what it refuses is refused by name before anything of a stack is created.
namespace local {

enum class Treatment : std::uint8_t {
  done,       // as on AWS, as far as one machine can
  simulated,  // the same seen from outside, by other means
  ignored,    // kept and shown, nothing acts on it
  refused     // the template is not accepted
};

struct ParityRow {
  std::string_view path;  // "DeploymentConfiguration/Strategy"; `*` is each item of a list
  Treatment treatment = Treatment::done;
  std::string_view sentence;
  std::string_view allowed{};  // of a refused one: values that are accepted, "ROLLING|…"
};

struct ParityType {
  std::string_view type;
  Treatment treatment = Treatment::done;  // of what has no row
  std::string_view sentence;
  std::span<const ParityRow> rows{};
};

std::span<const ParityType> parity_table();

// Why a template with such a resource is not accepted; nothing when it is. Values of intrinsic
// functions are not looked at.
std::optional<std::string> refused_property(std::string_view type,
                                            const std::string& logical_id,
                                            const doc::Node& properties);

// One line for each resource that a user may expect to act, and that nothing acts on here: "Nightly
// (AWS::Scheduler::Schedule): Nothing starts by itself…". Empty for what is no template.
std::vector<std::string> idle_resources(std::string_view template_json);

// docs/local-parity.md
std::string parity_document();

}  // namespace local
