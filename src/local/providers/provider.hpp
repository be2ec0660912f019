#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doc/node.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "local/providers/role_records.hpp"

namespace local {

// What a provider may use. Providers reach other services only through the action table, as a
// client would.
struct Providing {
  Context& context;
  const ActionTable& actions;
  RoleRecords* roles = nullptr;  // null: no IAM in this engine
};

// One resource, as the stack engine asks a provider about it.
struct ResourceRequest {
  std::string stack_name;
  std::string stack_id;
  std::string logical_id;
  std::string token;        // of this step; the same however often the step is asked for
  std::string physical_id;  // empty before the creation
  doc::Node properties;  // evaluated; what to create, what to change to, or what is to be removed
  doc::Node previous;    // update: the properties in force; Null otherwise
  doc::Node memo;        // what the provider noted when the step began
  std::vector<std::pair<std::string, std::string>> tags;  // of the stack and aws:cloudformation:*
  util::Clock::TimePoint started;                         // when the step began
};

// What a step has come to.
struct Progress {
  enum class State : std::uint8_t { done, pending, failed };
  State state = State::done;
  // pending: done as far as those that depend on it are concerned; only settling is left.
  // `attributes` are final. CloudFormation calls it CONFIGURATION_COMPLETE.
  bool configured = false;
  std::string
      physical_id;  // creations, once known; may be set on a failed one that left something behind
  doc::Mapping attributes;  // of Fn::GetAtt, when done or configured; an empty one keeps those of
                            // before
  std::string reason;       // failed: what the event says
  doc::Node memo;           // pending: handed back with each question
  std::chrono::milliseconds again{20};  // pending: when to ask next

  static Progress failure(std::string reason);
};

// How one resource type is made. `create`, `update` and `remove` begin a step; a pending step is
// asked for with `created`, `updated` and `removed` until it is done or failed. Everything a call
// does is in one transaction with what the stack engine notes, so a crash repeats a step only if it
// had no effect.
struct Provider {
  using Step = Progress (*)(const Providing&, const ResourceRequest&);
  std::string_view type;
  Step create = nullptr;
  Step update = nullptr;  // null: any change is accepted and needs no work
  Step remove = nullptr;  // null: nothing to remove
  Step created = nullptr;
  Step updated = nullptr;
  Step removed = nullptr;
  // The attributes may change after the creation (a load balancer's host, which depends on the
  // ports that are free): they are asked for again with `created` before the stack's outputs are
  // made.
  bool attributes_move = false;
};

// Null for a type the engine does not create.
const Provider* find_provider(std::string_view type);

// A name below `properties` that no request of this type's API has, in CloudFormation's words;
// nothing when all are known. Names at the top are the schema's business
// (cloudformation::check_types).
std::optional<std::string> unsupported_property(std::string_view type,
                                                const std::string& logical_id,
                                                const doc::Node& properties);

// The same for values of load balancing that are written out: "/<path>: <what>".
std::optional<std::string> unsupported_balancing(std::string_view type,
                                                 const doc::Node& properties);

// The rows of each family, in their own files.
std::span<const Provider> bare_providers();
std::span<const Provider> certificate_providers();
std::span<const Provider> discovery_providers();
std::span<const Provider> ecs_providers();
std::span<const Provider> file_system_providers();
std::span<const Provider> iam_providers();
std::span<const Provider> load_balancing_providers();
std::span<const Provider> network_providers();
std::span<const Provider> recorded_providers();
std::span<const Provider> secret_providers();

}  // namespace local
