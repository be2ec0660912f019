#include "local/stacks/records.hpp"

#include "cloudformation/evaluate.hpp"
#include "util/strings.hpp"

namespace local::stacks {
namespace {

// Small readers and writers: absent members read as empty, so that a record of an older version
// still opens.

std::string text(const doc::Node& node, std::string_view key) {
  const doc::Node* value = node.find(key);
  return value != nullptr ? cloudformation::scalar_text(*value).value_or("") : "";
}

bool flag(const doc::Node& node, std::string_view key) {
  const doc::Node* value = node.find(key);
  const bool* found = value != nullptr ? value->as_bool() : nullptr;
  return found != nullptr && *found;
}

doc::Node any(const doc::Node& node, std::string_view key) {
  const doc::Node* value = node.find(key);
  return value != nullptr ? *value : doc::Node{};
}

doc::Node time_node(Time time) {
  return doc::Node{static_cast<std::int64_t>(time.time_since_epoch().count())};
}

Time time_of(const doc::Node& node, std::string_view key) {
  const doc::Node* value = node.find(key);
  const std::int64_t* millis = value != nullptr ? value->as_int() : nullptr;
  return Time{std::chrono::milliseconds{millis != nullptr ? *millis : 0}};
}

std::optional<Time> maybe_time(const doc::Node& node, std::string_view key) {
  return node.find(key) != nullptr ? std::optional(time_of(node, key)) : std::nullopt;
}

doc::Node texts_node(const std::vector<std::string>& items) {
  doc::Sequence out;
  for (const std::string& item : items) {
    out.items.emplace_back(item);
  }
  return doc::Node{std::move(out)};
}

std::vector<std::string> texts(const doc::Node& node, std::string_view key) {
  std::vector<std::string> out;
  const doc::Node* value = node.find(key);
  const doc::Sequence* list = value != nullptr ? value->as_sequence() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    if (const std::string* item = list->items[i].as_string()) {
      out.push_back(*item);
    }
  }
  return out;
}

doc::Node tags_node(const Tags& tags) {
  doc::Mapping out;
  for (const auto& [key, value] : tags) {
    out.set(key, doc::Node{value});
  }
  return doc::Node{std::move(out)};
}

Tags tags_of(const doc::Node& node, std::string_view key) {
  Tags out;
  const doc::Node* value = node.find(key);
  const doc::Mapping* map = value != nullptr ? value->as_mapping() : nullptr;
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    out.emplace_back(map->entries[i].key.value,
                     cloudformation::scalar_text(map->entries[i].value).value_or(""));
  }
  return out;
}

doc::Node copy_node(const Copy& copy) {
  return doc::map({{"physical_id", doc::Node{copy.physical_id}},
                   {"properties", copy.properties},
                   {"attributes", copy.attributes},
                   {"dependencies", texts_node(copy.dependencies)},
                   {"deletion_policy", doc::Node{copy.deletion_policy}},
                   {"replace_policy", doc::Node{copy.replace_policy}},
                   {"tags", tags_node(copy.tags)}});
}

Copy copy_of(const doc::Node& node) {
  return {text(node, "physical_id"),
          any(node, "properties"),
          any(node, "attributes"),
          texts(node, "dependencies"),
          text(node, "deletion_policy"),
          text(node, "replace_policy"),
          tags_of(node, "tags")};
}

doc::Node parameter_node(const cloudformation::ParameterValue& p) {
  doc::Node out = doc::map({{"name", doc::Node{p.name}},
                            {"value", doc::Node{p.value}},
                            {"no_echo", doc::Node{p.no_echo}},
                            {"is_list", doc::Node{p.is_list}}});
  if (p.resolved) {
    out.as_mapping()->set("resolved", doc::Node{*p.resolved});
  }
  return out;
}

doc::Node definition_node(const Definition& d) {
  doc::Sequence parameters;
  for (const cloudformation::ParameterValue& p : d.parameters) {
    parameters.items.push_back(parameter_node(p));
  }
  return doc::map({{"body", doc::Node{d.body}},
                   {"parameters", doc::Node{std::move(parameters)}},
                   {"tags", tags_node(d.tags)},
                   {"capabilities", texts_node(d.capabilities)}});
}

Definition definition_of(const doc::Node& node) {
  Definition out{text(node, "body"), {}, tags_of(node, "tags"), texts(node, "capabilities")};
  const doc::Node parameters = any(node, "parameters");
  const doc::Sequence* list = parameters.as_sequence();
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const doc::Node& p = list->items[i];
    out.parameters.push_back(
        {text(p, "name"), text(p, "value"), std::nullopt, flag(p, "no_echo"), flag(p, "is_list")});
    if (p.find("resolved") != nullptr) {
      out.parameters.back().resolved = text(p, "resolved");
    }
  }
  return out;
}

doc::Node output_node(const StackOutput& o) {
  return doc::map({{"key", doc::Node{o.key}},
                   {"value", doc::Node{o.value}},
                   {"description", doc::Node{o.description}},
                   {"export", doc::Node{o.export_name}}});
}

}  // namespace

doc::Node to_node(const StackRecord& r) {
  doc::Sequence outputs;
  for (const StackOutput& o : r.outputs) {
    outputs.items.push_back(output_node(o));
  }
  doc::Node out = doc::map({{"id", doc::Node{r.id}},
                            {"name", doc::Node{r.name}},
                            {"status", doc::Node{to_string(r.status)}},
                            {"reason", doc::Node{r.reason}},
                            {"description", doc::Node{r.description}},
                            {"current", definition_node(r.current)},
                            {"created", time_node(r.created)},
                            {"outputs", doc::Node{std::move(outputs)}},
                            {"imports", texts_node(r.imports)},
                            {"change_set_id", doc::Node{r.change_set_id}},
                            {"role_arn", doc::Node{r.role_arn}},
                            {"notification_arns", texts_node(r.notification_arns)},
                            {"disable_rollback", doc::Node{r.disable_rollback}},
                            {"on_failure", doc::Node{r.on_failure}},
                            {"termination_protection", doc::Node{r.termination_protection}},
                            {"retain_except_on_create", doc::Node{r.retain_except_on_create}},
                            {"operation", doc::Node{r.operation}},
                            {"client_token", doc::Node{r.client_token}},
                            {"failed", texts_node(r.failed)},
                            {"failed_updates", texts_node(r.failed_updates)},
                            {"retain", texts_node(r.retain)}});
  doc::Mapping& map = *out.as_mapping();
  if (r.previous) {
    map.set("previous", definition_node(*r.previous));
  }
  if (r.updated) {
    map.set("updated", time_node(*r.updated));
  }
  if (r.deleted) {
    map.set("deleted", time_node(*r.deleted));
  }
  return out;
}

StackRecord stack_from(const doc::Node& node) {
  StackRecord out;
  out.id = text(node, "id");
  out.name = text(node, "name");
  out.status =
      cloudformation::stack_status(text(node, "status")).value_or(StackStatus::delete_complete);
  out.reason = text(node, "reason");
  out.description = text(node, "description");
  out.current = definition_of(any(node, "current"));
  if (const doc::Node* previous = node.find("previous")) {
    out.previous = definition_of(*previous);
  }
  out.created = time_of(node, "created");
  out.updated = maybe_time(node, "updated");
  out.deleted = maybe_time(node, "deleted");
  const doc::Node outputs = any(node, "outputs");
  const doc::Sequence* list = outputs.as_sequence();
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const doc::Node& o = list->items[i];
    out.outputs.push_back(
        {text(o, "key"), text(o, "value"), text(o, "description"), text(o, "export")});
  }
  out.imports = texts(node, "imports");
  out.change_set_id = text(node, "change_set_id");
  out.role_arn = text(node, "role_arn");
  out.notification_arns = texts(node, "notification_arns");
  out.disable_rollback = flag(node, "disable_rollback");
  out.on_failure = text(node, "on_failure");
  out.termination_protection = flag(node, "termination_protection");
  out.retain_except_on_create = flag(node, "retain_except_on_create");
  out.operation = text(node, "operation");
  out.client_token = text(node, "client_token");
  out.failed = texts(node, "failed");
  out.failed_updates = texts(node, "failed_updates");
  out.retain = texts(node, "retain");
  return out;
}

doc::Node to_node(const ResourceRecord& r) {
  return doc::map({{"id", doc::Node{r.id}},
                   {"type", doc::Node{r.type}},
                   {"key", doc::Node{r.key}},
                   {"copy", copy_node(r.copy)},
                   {"status", doc::Node{r.status}},
                   {"reason", doc::Node{r.reason}},
                   {"time", time_node(r.time)},
                   {"work", doc::Node{static_cast<int>(r.work)}},
                   {"token", doc::Node{r.token}},
                   {"started", time_node(r.started)},
                   {"memo", r.memo},
                   {"configured", doc::Node{r.configured}},
                   {"target", copy_node(r.target)},
                   {"unfinished", doc::Node{r.unfinished}},
                   {"done_in", doc::Node{r.done_in}},
                   {"born_in", doc::Node{r.born_in}},
                   {"old_copy", doc::Node{r.old_copy}}});
}

ResourceRecord resource_from(const doc::Node& node) {
  ResourceRecord out;
  out.id = text(node, "id");
  out.type = text(node, "type");
  out.key = text(node, "key");
  out.copy = copy_of(any(node, "copy"));
  out.status = text(node, "status");
  out.reason = text(node, "reason");
  out.time = time_of(node, "time");
  out.work = static_cast<Work>(util::parse_int(text(node, "work")).value_or(0));
  out.token = text(node, "token");
  out.started = time_of(node, "started");
  out.memo = any(node, "memo");
  out.configured = flag(node, "configured");
  out.target = copy_of(any(node, "target"));
  out.unfinished = flag(node, "unfinished");
  out.done_in = text(node, "done_in");
  out.born_in = text(node, "born_in");
  out.old_copy = flag(node, "old_copy");
  return out;
}

doc::Node to_node(const ChangeSetRecord& r) {
  return doc::map({{"id", doc::Node{r.id}},
                   {"name", doc::Node{r.name}},
                   {"stack_id", doc::Node{r.stack_id}},
                   {"stack_name", doc::Node{r.stack_name}},
                   {"type", doc::Node{r.type}},
                   {"status", doc::Node{r.status}},
                   {"status_reason", doc::Node{r.status_reason}},
                   {"execution_status", doc::Node{r.execution_status}},
                   {"description", doc::Node{r.description}},
                   {"on_stack_failure", doc::Node{r.on_stack_failure}},
                   {"definition", definition_node(r.definition)},
                   {"created", time_node(r.created)},
                   {"changes", r.changes},
                   {"changes_with_values", r.changes_with_values},
                   {"notification_arns", texts_node(r.notification_arns)},
                   {"role_arn", doc::Node{r.role_arn}},
                   {"client_token", doc::Node{r.client_token}},
                   {"import_existing", doc::Node{r.import_existing}}});
}

ChangeSetRecord change_set_from(const doc::Node& node) {
  ChangeSetRecord out;
  out.id = text(node, "id");
  out.name = text(node, "name");
  out.stack_id = text(node, "stack_id");
  out.stack_name = text(node, "stack_name");
  out.type = text(node, "type");
  out.status = text(node, "status");
  out.status_reason = text(node, "status_reason");
  out.execution_status = text(node, "execution_status");
  out.description = text(node, "description");
  out.on_stack_failure = text(node, "on_stack_failure");
  out.definition = definition_of(any(node, "definition"));
  out.created = time_of(node, "created");
  out.changes = any(node, "changes");
  out.changes_with_values = any(node, "changes_with_values");
  out.notification_arns = texts(node, "notification_arns");
  out.role_arn = text(node, "role_arn");
  out.client_token = text(node, "client_token");
  out.import_existing = flag(node, "import_existing");
  return out;
}

doc::Node to_node(const EventRecord& r) {
  return doc::map({{"sequence", doc::Node{static_cast<std::int64_t>(r.sequence)}},
                   {"id", doc::Node{r.id}},
                   {"stack_id", doc::Node{r.stack_id}},
                   {"stack_name", doc::Node{r.stack_name}},
                   {"logical_id", doc::Node{r.logical_id}},
                   {"physical_id", doc::Node{r.physical_id}},
                   {"type", doc::Node{r.type}},
                   {"time", time_node(r.time)},
                   {"status", doc::Node{r.status}},
                   {"detailed_status", doc::Node{r.detailed_status}},
                   {"reason", doc::Node{r.reason}},
                   {"properties", doc::Node{r.properties}},
                   {"client_token", doc::Node{r.client_token}}});
}

EventRecord event_from(const doc::Node& node) {
  EventRecord out;
  out.sequence = static_cast<std::uint64_t>(util::parse_int(text(node, "sequence")).value_or(0));
  out.id = text(node, "id");
  out.stack_id = text(node, "stack_id");
  out.stack_name = text(node, "stack_name");
  out.logical_id = text(node, "logical_id");
  out.physical_id = text(node, "physical_id");
  out.type = text(node, "type");
  out.time = time_of(node, "time");
  out.status = text(node, "status");
  out.detailed_status = text(node, "detailed_status");
  out.reason = text(node, "reason");
  out.properties = text(node, "properties");
  out.client_token = text(node, "client_token");
  return out;
}

}  // namespace local::stacks
