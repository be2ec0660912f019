#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cloudformation/parameters.hpp"
#include "cloudformation/status.hpp"
#include "doc/node.hpp"
#include "util/clock.hpp"

namespace local::stacks {

using Time = util::Clock::TimePoint;
using Tags = std::vector<std::pair<std::string, std::string>>;
using cloudformation::StackStatus;

// What is being done to a resource right now.
enum class Work : std::uint8_t { none, creating, updating, replacing, removing };

// One physical copy of a resource and what it was made from.
struct Copy {
  std::string physical_id;
  doc::Node
      properties;  // evaluated; dynamic references unresolved, so no secret value is ever stored
  doc::Node attributes;                   // a mapping
  std::vector<std::string> dependencies;  // logical ids that must outlive it
  std::string deletion_policy;            // "Delete", "Retain", …
  std::string replace_policy;
  Tags tags;  // of the stack when it was made
};

struct ResourceRecord {
  std::string id;  // logical id
  std::string type;
  std::string
      key;  // of the record below its stack: the logical id, or "<id>#<token>" of an old copy
  Copy copy;
  std::string status;  // "CREATE_COMPLETE"
  std::string reason;
  Time time{};

  Work work = Work::none;
  std::string token;        // of the step
  Time started{};           // of the step
  doc::Node memo;           // the provider's
  bool configured = false;  // creating: far enough for those that depend on it to begin
  Copy target;              // updating, replacing: what is being made of it
  bool unfinished = false;  // an update of it failed: its state is neither the old nor the new

  std::string done_in;    // the operation that is finished with it
  std::string born_in;    // the operation that created it
  bool old_copy = false;  // replaced; to be removed in the cleanup

  [[nodiscard]] bool exists() const {
    return !copy.physical_id.empty() && status != "DELETE_COMPLETE" && status != "DELETE_SKIPPED";
  }
};

struct StackOutput {
  std::string key;
  std::string value;
  std::string description;
  std::string export_name;
};

// What a stack is made from; two of them make an update that can be rolled back.
struct Definition {
  std::string body;  // the template as given
  std::vector<cloudformation::ParameterValue> parameters;
  Tags tags;
  std::vector<std::string> capabilities;
};

struct StackRecord {
  std::string id;  // ARN
  std::string name;
  StackStatus status = StackStatus::review_in_progress;
  std::string reason;
  std::string description;
  Definition current;
  std::optional<Definition> previous;  // while an update runs or its rollback is possible
  Time created{};
  std::optional<Time> updated;
  std::optional<Time> deleted;
  std::vector<StackOutput> outputs;
  std::vector<std::string> imports;  // export names that it uses
  std::string change_set_id;
  std::string role_arn;
  std::vector<std::string> notification_arns;
  bool disable_rollback = false;
  std::string on_failure = "ROLLBACK";
  bool termination_protection = false;
  bool retain_except_on_create = false;

  std::string operation;            // id of the running or last operation
  std::string client_token;         // of the request that began it
  std::vector<std::string> failed;  // logical ids that failed in it
  std::vector<std::string> failed_updates;
  std::vector<std::string> retain;  // DeleteStack's RetainResources
};

struct ChangeSetRecord {
  std::string id;
  std::string name;
  std::string stack_id;
  std::string stack_name;
  std::string type;  // "CREATE", "UPDATE"
  std::string status;
  std::string status_reason;
  std::string execution_status;
  std::string description;
  std::string on_stack_failure;
  Definition definition;
  Time created{};
  doc::Node changes;              // as DescribeChangeSet answers them
  doc::Node changes_with_values;  // … with IncludePropertyValues
  std::vector<std::string> notification_arns;
  std::string role_arn;
  std::string client_token;
  bool import_existing = false;
};

struct EventRecord {
  std::uint64_t sequence = 0;
  std::string id;
  std::string stack_id;
  std::string stack_name;
  std::string logical_id;
  std::string physical_id;
  std::string type;
  Time time{};
  std::string status;
  std::string detailed_status;  // "CONFIGURATION_COMPLETE"
  std::string reason;
  std::string properties;  // JSON
  std::string client_token;
};

doc::Node to_node(const StackRecord& record);
doc::Node to_node(const ResourceRecord& record);
doc::Node to_node(const ChangeSetRecord& record);
doc::Node to_node(const EventRecord& record);
StackRecord stack_from(const doc::Node& node);
ResourceRecord resource_from(const doc::Node& node);
ChangeSetRecord change_set_from(const doc::Node& node);
EventRecord event_from(const doc::Node& node);

}  // namespace local::stacks
