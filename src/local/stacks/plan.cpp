#include "local/stacks/plan.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/secretsmanager.hpp"
#include "awsapi/ssm.hpp"
#include "cloudformation/parse.hpp"
#include "doc/json_reader.hpp"
#include "local/providers/api_call.hpp"
#include "local/stacks/template_text.hpp"

namespace local::stacks {
namespace {

using cloudformation::Evaluated;

tl::unexpected<std::string> problem(std::string text) {
  return util::unexpected(std::move(text));
}

Evaluated<std::string> secret_value(const Providing& providing,
                                    const std::vector<std::string>& segments) {
  const auto segment = [&](std::size_t i) { return i < segments.size() ? segments[i] : ""; };
  doc::Node input = doc::map({{"SecretId", doc::Node{segment(0)}}});
  if (!segment(3).empty()) {
    input.as_mapping()->set("VersionStage", doc::Node{segment(3)});
  }
  if (!segment(4).empty()) {
    input.as_mapping()->set("VersionId", doc::Node{segment(4)});
  }
  auto response =
      call_api(providing, awsapi::secretsmanager::GetSecretValueRequest::operation(), input);
  if (!response) {
    return problem("Could not resolve the dynamic reference to secret " + segment(0) + ": " +
                   response.error().message);
  }
  std::string value = text_at(*response, {"SecretString"});
  if (segment(2).empty()) {
    return value;
  }
  auto json = doc::read_json(value);
  const doc::Node* member = json ? json->find(segment(2)) : nullptr;
  if (member == nullptr) {
    return problem("Could not find a value associated with JSONKey in SecretString");
  }
  return cloudformation::scalar_text(*member).value_or("");
}

}  // namespace

bool Plan::has(std::string_view logical_id) const {
  return std::any_of(order.begin(), order.end(), [&](std::size_t i) {
    return document.resources[i].id.str() == logical_id;
  });
}

Evaluated<cloudformation::Template> read_template(std::string_view body) {
  auto document = read_template_text(body);
  if (!document) {
    return problem(std::move(document.error()));
  }
  auto parsed = cloudformation::parse(std::move(*document));
  if (!parsed) {
    return problem(std::move(parsed.error().message));
  }
  return std::move(*parsed);
}

cloudformation::Pseudo pseudo_parameters(const Context& context,
                                         const std::string& stack_name,
                                         const std::string& stack_id) {
  cloudformation::Pseudo out;
  out.account = context.account;
  out.region = context.region;
  out.stack_name = stack_name;
  out.stack_id = stack_id;
  out.zones = {context.region + "a", context.region + "b", context.region + "c"};
  return out;
}

Evaluated<Plan> make_plan(const Context& context,
                          const std::string& stack_name,
                          const std::string& stack_id,
                          const Definition& definition) {
  auto document = read_template(definition.body);
  if (!document) {
    return problem(std::move(document.error()));
  }
  Plan out;
  out.document = std::move(*document);
  out.parameters = cloudformation::to_scope(definition.parameters);
  out.pseudo = pseudo_parameters(context, stack_name, stack_id);
  auto conditions = cloudformation::evaluate_conditions(out.document, out.parameters, out.pseudo);
  if (!conditions) {
    return problem(std::move(conditions.error()));
  }
  out.conditions = std::move(*conditions);
  const auto active = [&](const cloudformation::Resource& r) {
    return cloudformation::is_active(r, out.conditions);
  };
  auto graph = cloudformation::make_graph(out.document, active);
  if (!graph) {
    return problem(std::move(graph.error().message));
  }
  out.graph = std::move(*graph);
  for (const std::size_t i : out.graph.order()) {
    if (active(out.document.resources[i])) {
      out.order.push_back(i);
    }
  }
  return out;
}

Evaluated<doc::Node> LiveSurroundings::ref(const cloudformation::Resource& resource) const {
  const Resources& resources = book_.resources(stack_id_);
  const auto at = resources.find(resource.id.str());
  if (at == resources.end() || !at->second.exists()) {
    return problem("Resource " + resource.id.str() + " does not exist");
  }
  return doc::Node{at->second.copy.physical_id};
}

Evaluated<doc::Node> LiveSurroundings::attribute(const cloudformation::Resource& resource,
                                                 std::string_view name) const {
  const Resources& resources = book_.resources(stack_id_);
  const auto at = resources.find(resource.id.str());
  const doc::Node* value = at != resources.end() && at->second.exists()
                               ? at->second.copy.attributes.find(name)
                               : nullptr;
  if (value == nullptr) {
    return problem("Resource type " + resource.type + " does not support attribute {" +
                   std::string(name) + "}.");
  }
  return *value;
}

Evaluated<doc::Node> LiveSurroundings::imported(std::string_view export_name) const {
  for (const auto& [id, stack] : book_.stacks()) {
    for (const StackOutput& output : stack.outputs) {
      if (output.export_name == export_name && !output.export_name.empty() &&
          stack.status != StackStatus::delete_complete) {
        if (std::find(imports_.begin(), imports_.end(), export_name) == imports_.end()) {
          imports_.emplace_back(export_name);
        }
        return doc::Node{output.value};
      }
    }
  }
  return problem("No export named " + std::string(export_name) + " found.");
}

Evaluated<std::string> LiveSurroundings::dynamic(
    const cloudformation::DynamicReference& reference) const {
  if (reference.service == "secretsmanager") {
    return secret_value(providing_, reference.segments);
  }
  if (reference.service == "ssm" || reference.service == "ssm-secure") {
    return stored_parameter(providing_,
                            reference.segments.empty() ? "" : reference.segments.front());
  }
  return problem("Unsupported dynamic reference service: " + reference.service);
}

Evaluated<std::string> stored_parameter(const Providing& providing, const std::string& name) {
  auto response =
      call_api(providing,
               awsapi::ssm::GetParameterRequest::operation(),
               doc::map({{"Name", doc::Node{name}}, {"WithDecryption", doc::Node{true}}}));
  if (!response) {
    return problem("Unable to fetch parameters [" + name +
                   "] from parameter store for this account.");
  }
  return text_at(*response, {"Parameter", "Value"});
}

}  // namespace local::stacks
