#include <algorithm>
#include <utility>

#include "cloudformation/change_set.hpp"
#include "local/stacks/runner.hpp"
#include "util/strings.hpp"

namespace local::stacks {
namespace {

using cloudformation::Recreation;

// Dynamic references become values here and nowhere earlier, so that no record holds a secret.
cloudformation::Evaluated<doc::Node> with_values(const Providing& providing,
                                                 Book& book,
                                                 const std::string& stack_id,
                                                 const doc::Node& properties) {
  const LiveSurroundings live(providing, book, stack_id);
  return cloudformation::resolve_dynamic(properties, live);
}

std::string failed_sentence(std::string_view what, const std::vector<std::string>& ids) {
  return ids.empty() ? ""
                     : "The following resource(s) failed to " + std::string(what) + ": [" +
                           util::join(ids, ", ") + "]. ";
}

}  // namespace

void Runner::deploy(StackRecord& stack) {
  const Plan* plan = plan_of(stack);
  if (plan == nullptr) {
    deploy_failed(stack);
    return;
  }
  while (stack.failed.empty() && stack.failed_updates.empty() && start_ready(stack, *plan)) {
  }
  if (!stack.failed.empty() || !stack.failed_updates.empty()) {
    cancel_work(stack);
    deploy_failed(stack);
    return;
  }
  const bool done = std::all_of(plan->order.begin(), plan->order.end(), [&](std::size_t i) {
    return settled(stack, plan->document.resources[i].id.str());
  });
  if (done) {
    deployed(stack, *plan);
  }
}

bool Runner::settled(const StackRecord& stack, const std::string& id) {
  const Resources& resources = book_.resources(stack.id);
  const auto at = resources.find(id);
  return at != resources.end() && at->second.done_in == stack.operation &&
         at->second.work == Work::none && at->second.exists();
}

// There as far as those that depend on it are concerned: CloudFormation's "optimistic
// stabilization".
bool Runner::released(const StackRecord& stack, const std::string& id) {
  const Resources& resources = book_.resources(stack.id);
  const auto at = resources.find(id);
  return settled(stack, id) || (at != resources.end() && at->second.work == Work::creating &&
                                at->second.born_in == stack.operation && at->second.configured);
}

// Begins everything whose dependencies are there; true when something was begun.
bool Runner::start_ready(StackRecord& stack, const Plan& plan) {
  bool started = false;
  for (const std::size_t i : plan.order) {
    const std::string& id = plan.document.resources[i].id.str();
    const Resources& resources = book_.resources(stack.id);
    const auto at = resources.find(id);
    const bool busy = at != resources.end() && at->second.work != Work::none;
    if (busy || settled(stack, id)) {
      continue;
    }
    const std::vector<std::size_t>& needs = plan.graph.dependencies[i];
    const bool ready = std::all_of(needs.begin(), needs.end(), [&](std::size_t d) {
      return released(stack, plan.document.resources[d].id.str());
    });
    if (!ready) {
      continue;
    }
    start(stack, plan, i);
    started = true;
    if (!stack.failed.empty() || !stack.failed_updates.empty()) {
      return false;
    }
  }
  return started;
}

void Runner::start(StackRecord& stack, const Plan& plan, std::size_t index) {
  const cloudformation::Resource& resource = plan.document.resources[index];
  const std::string& id = resource.id.str();
  const LiveSurroundings live(providing_, book_, stack.id);
  const cloudformation::Scope scope{
      plan.document, plan.parameters, plan.conditions, plan.pseudo, live};
  auto properties = cloudformation::evaluate(resource.properties, scope);
  if (!properties) {
    refuse(stack, id, resource.type, properties.error());
    return;
  }
  Copy target;
  target.properties = properties->is_null() ? doc::Node{doc::Mapping{}} : std::move(*properties);
  target.deletion_policy = resource.deletion_policy.value_or("Delete");
  target.replace_policy = resource.update_replace_policy.value_or("Delete");
  target.tags = stack.current.tags;
  for (const std::size_t d : plan.graph.dependencies[index]) {
    target.dependencies.push_back(plan.document.resources[d].id.str());
  }
  Resources& resources = book_.resources(stack.id);
  const auto at = resources.find(id);
  const bool there = at != resources.end() && at->second.exists();
  if (there && at->second.status != "CREATE_FAILED") {
    const std::vector<std::string> changed =
        cloudformation::changed_properties(at->second.copy.properties, target.properties);
    start_change(stack, at->second, std::move(target), changed);
    return;
  }
  if (there) {
    set_aside(stack, at->second, at->second.copy);
  }
  ResourceRecord record;
  record.id = id;
  record.key = id;
  record.type = resource.type;
  start_creation(stack, std::move(record), std::move(target));
}

void Runner::start_creation(StackRecord& stack, ResourceRecord fresh, Copy target) {
  fresh.copy = std::move(target);
  fresh.work = Work::creating;
  fresh.token = providing_.context.ids.uuid();
  fresh.started = providing_.context.now();
  fresh.born_in = stack.operation;
  ResourceRecord& record = book_.add(stack.id, std::move(fresh));
  mark(stack, record, "CREATE_IN_PROGRESS", "", "");
  ResourceRequest request = request_for(stack, record, record.copy);
  auto values = with_values(providing_, book_, stack.id, request.properties);
  if (!values) {
    fail(stack, record, values.error());
    return;
  }
  request.properties = std::move(*values);
  const Provider* provider = find_provider(record.type);
  take(stack,
       record,
       provider != nullptr ? provider->create(providing_, request)
                           : Progress::failure("Unrecognized resource type " + record.type),
       std::chrono::milliseconds{0});
}

void Runner::start_change(StackRecord& stack,
                          ResourceRecord& record,
                          Copy target,
                          const std::vector<std::string>& changed) {
  const bool same_tags = record.copy.tags == target.tags;
  if (changed.empty() && same_tags && !record.unfinished) {
    record.copy.dependencies = std::move(target.dependencies);
    record.copy.deletion_policy = std::move(target.deletion_policy);
    record.copy.replace_policy = std::move(target.replace_policy);
    record.done_in = stack.operation;
    book_.save(stack.id, record);
    return;
  }
  const bool replace = cloudformation::recreation_for(record.type, changed) != Recreation::never;
  if (replace && swap_back(stack, record, target)) {
    return;
  }
  record.token = providing_.context.ids.uuid();
  record.started = providing_.context.now();
  record.work = replace ? Work::replacing : Work::updating;
  record.target = std::move(target);
  const Provider* provider = find_provider(record.type);
  if (replace) {
    mark(stack,
         record,
         "UPDATE_IN_PROGRESS",
         "Requested update requires the creation of a new physical resource; hence creating one.",
         record.copy.physical_id);
  } else {
    record.target.physical_id = record.copy.physical_id;
    mark(stack, record, "UPDATE_IN_PROGRESS", "", record.copy.physical_id);
  }
  ResourceRequest request = request_for(stack, record, record.target);
  auto values = with_values(providing_, book_, stack.id, request.properties);
  if (!values) {
    fail(stack, record, values.error());
    return;
  }
  request.properties = std::move(*values);
  const Provider::Step step =
      provider == nullptr ? nullptr : (replace ? provider->create : provider->update);
  take(stack,
       record,
       step != nullptr ? step(providing_, request) : Progress{},
       std::chrono::milliseconds{0});
}

// A rollback finds the copy that the failed update had replaced, and uses it again.
bool Runner::swap_back(StackRecord& stack, ResourceRecord& record, const Copy& target) {
  if (stack.status != StackStatus::update_rollback_in_progress) {
    return false;
  }
  Resources& resources = book_.resources(stack.id);
  for (auto& [key, old] : resources) {
    if (!old.old_copy || old.id != record.id || old.type != record.type ||
        !cloudformation::changed_properties(old.copy.properties, target.properties).empty()) {
      continue;
    }
    record.work = Work::updating;
    record.target = target;
    mark(stack, record, "UPDATE_IN_PROGRESS", "", record.copy.physical_id);
    std::swap(record.copy, old.copy);
    mark(stack, record, "UPDATE_COMPLETE", "", record.copy.physical_id);
    record.work = Work::none;
    record.target = {};
    record.done_in = stack.operation;
    book_.save(stack.id, old);
    book_.save(stack.id, record);
    return true;
  }
  return false;
}

// A resource whose properties cannot even be computed.
void Runner::refuse(StackRecord& stack,
                    const std::string& id,
                    const std::string& type,
                    const std::string& reason) {
  Resources& resources = book_.resources(stack.id);
  auto at = resources.find(id);
  if (at == resources.end()) {
    ResourceRecord record;
    record.id = id;
    record.key = id;
    record.type = type;
    record.born_in = stack.operation;
    book_.add(stack.id, std::move(record));
    at = resources.find(id);
  }
  at->second.work = at->second.exists() ? Work::updating : Work::creating;
  at->second.target = at->second.copy;
  fail(stack, at->second, reason);
  at->second.unfinished = false;
}

void Runner::deployed(StackRecord& stack, const Plan& plan) {
  if (const auto wrong = set_outputs(stack, plan)) {
    stack.failed_updates.push_back(*wrong);
    deploy_failed(stack);
    return;
  }
  if (stack.status == StackStatus::create_in_progress) {
    end(stack, StackStatus::create_complete, "");
    return;
  }
  stack.status = stack.status == StackStatus::update_in_progress
                     ? StackStatus::update_complete_cleanup_in_progress
                     : StackStatus::update_rollback_complete_cleanup_in_progress;
  stack.reason.clear();
  book_.save(stack);
  add_stack_event(stack);
  clean_up(stack);
}

void Runner::deploy_failed(StackRecord& stack) {
  std::string reason = failed_sentence("create", stack.failed);
  if (stack.failed.empty() && stack.failed_updates.size() == 1 &&
      stack.failed_updates.front().find(' ') != std::string::npos) {
    reason = stack.failed_updates.front() + " ";  // no resource failed, but the outputs did
  } else {
    reason += failed_sentence("update", stack.failed_updates);
  }
  const bool keep = stack.disable_rollback || stack.on_failure == "DO_NOTHING";
  if (stack.status == StackStatus::create_in_progress) {
    if (keep) {
      end(stack, StackStatus::create_failed, reason);
    } else if (stack.on_failure == "DELETE") {
      begin(stack, StackStatus::delete_in_progress, reason + "Delete requested by user.");
    } else {
      begin(stack, StackStatus::rollback_in_progress, reason + "Rollback requested by user.");
    }
    return;
  }
  if (stack.status == StackStatus::update_rollback_in_progress || !stack.previous) {
    end(stack, StackStatus::update_rollback_failed, reason);
    return;
  }
  if (stack.disable_rollback) {
    end(stack, StackStatus::update_failed, reason);
    return;
  }
  stack.current = *stack.previous;
  begin(stack, StackStatus::update_rollback_in_progress, reason);
}

void Runner::refresh_attributes(const StackRecord& stack) {
  for (auto& [key, record] : book_.resources(stack.id)) {
    const Provider* provider = find_provider(record.type);
    if (provider == nullptr || !provider->attributes_move || record.old_copy || !record.exists()) {
      continue;
    }
    Progress now = provider->created(providing_, request_for(stack, record, record.copy));
    if (now.state == Progress::State::done && !now.attributes.entries.empty()) {
      record.copy.attributes = doc::Node{std::move(now.attributes)};
      book_.save(stack.id, record);
    }
  }
}

// The outputs of the template as the stack's; a text when one of them cannot be computed or
// exported.
std::optional<std::string> Runner::set_outputs(StackRecord& stack, const Plan& plan) {
  refresh_attributes(stack);
  const LiveSurroundings live(providing_, book_, stack.id);
  const cloudformation::Scope scope{
      plan.document, plan.parameters, plan.conditions, plan.pseudo, live};
  std::vector<StackOutput> outputs;
  for (const cloudformation::Output& output : plan.document.outputs) {
    if (!cloudformation::is_active(output, plan.conditions)) {
      continue;
    }
    auto body = cloudformation::evaluate(output.body, scope);
    if (!body) {
      return "[Error] /Outputs/" + output.name + "/Value: " + body.error();
    }
    StackOutput out{output.name, "", "", ""};
    const auto text = [](const doc::Node* node) {
      return node != nullptr ? cloudformation::scalar_text(*node).value_or("") : std::string();
    };
    out.value = text(body->find("Value"));
    out.description = text(body->find("Description"));
    if (const doc::Node* exported = body->find("Export")) {
      out.export_name = text(exported->find("Name"));
    }
    for (const auto& [id, other] : book_.stacks()) {
      const bool taken =
          std::any_of(other.outputs.begin(), other.outputs.end(), [&](const StackOutput& o) {
            return !out.export_name.empty() && o.export_name == out.export_name;
          });
      if (taken && id != stack.id && other.status != StackStatus::delete_complete) {
        return "Export with name " + out.export_name + " is already exported by stack " +
               other.name + ".";
      }
    }
    outputs.push_back(std::move(out));
  }
  stack.outputs = std::move(outputs);
  stack.imports.clear();
  for (const cloudformation::Resource& resource : plan.document.resources) {
    (void)cloudformation::evaluate(resource.properties, scope);
  }
  stack.imports = live.imports();
  return std::nullopt;
}

}  // namespace local::stacks
