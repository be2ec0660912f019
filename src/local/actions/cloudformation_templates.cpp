#include <algorithm>
#include <utility>

#include "cloudformation/parse.hpp"
#include "cloudformation/schema.hpp"
#include "doc/json_writer.hpp"
#include "local/actions/cloudformation.hpp"
#include "local/actions/s3.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace cfn = awsapi::cloudformation;

std::optional<std::string> text_in(const doc::Node& body, std::string_view key) {
  const doc::Node* node = body.find(key);
  return node != nullptr ? cloudformation::scalar_text(*node) : std::nullopt;
}

bool no_echo(const cloudformation::Parameter& p) {
  return util::iequals(text_in(p.body, "NoEcho").value_or("false"), "true");
}

}  // namespace

CloudFormation::Answer<std::string> CloudFormation::template_at(const std::string& url) const {
  constexpr std::size_t kLargest = 1'000'000;
  const auto address = parse_object_url(url);
  if (!address) {
    return util::unexpected(validation("TemplateURL must be a supported URL."));
  }
  awsapi::s3::GetObjectRequest get;
  get.bucket = address->bucket;
  get.key = address->key;
  auto object = actions_.call(get);
  if (!object) {
    return util::unexpected(validation("S3 error: " + object.error().message));
  }
  std::string text = object->body ? std::move(object->body->bytes) : std::string();
  if (text.size() > kLargest) {
    return util::unexpected(validation("Template may not exceed 1000000 bytes in size."));
  }
  return text;
}

void CloudFormation::add_template_actions(ActionTable& actions) {
  actions.add<cfn::GetTemplateRequest>([this](const auto& r) { return get_template(r); });
  actions.add<cfn::GetTemplateSummaryRequest>([this](const auto& r) { return summarize(r); });
  actions.add<cfn::ValidateTemplateRequest>([this](const auto& r) { return validate(r); });
}

CloudFormation::Answer<cfn::GetTemplateResponse> CloudFormation::get_template(
    const cfn::GetTemplateRequest& request) {
  cfn::GetTemplateResponse out;
  out.stages_available = {"Original", "Processed"};
  if (request.change_set_name) {
    auto found = find_change_set(*request.change_set_name, request.stack_name.value_or(""));
    if (!found) {
      return util::unexpected(std::move(found.error()));
    }
    out.template_body = (*found)->definition.body;
    return out;
  }
  const StackRecord* stack = book_.find(request.stack_name.value_or(""));
  if (stack == nullptr) {
    return util::unexpected(no_such_stack(request.stack_name.value_or("")));
  }
  if (!stack->current.body.empty()) {
    out.template_body = stack->current.body;
  }
  return out;
}

CloudFormation::Answer<cfn::GetTemplateSummaryResponse> CloudFormation::summarize(
    const cfn::GetTemplateSummaryRequest& request) {
  std::string body = request.template_body.value_or("");
  if (request.stack_name) {
    const StackRecord* stack = book_.find(*request.stack_name);
    if (stack == nullptr) {
      return util::unexpected(no_such_stack(*request.stack_name));
    }
    body = stack->current.body;
  } else if (request.template_url) {
    auto text = template_at(*request.template_url);
    if (!text) {
      return util::unexpected(std::move(text.error()));
    }
    body = std::move(*text);
  } else if (!request.template_body) {
    return util::unexpected(validation("Either Template URL or Template Body must be specified."));
  }
  auto document = stacks::read_template(body);
  if (!document) {
    return util::unexpected(validation(std::move(document.error())));
  }
  cfn::GetTemplateSummaryResponse out;
  for (const cloudformation::Parameter& p : document->parameters) {
    cfn::ParameterDeclaration declaration;
    declaration.parameter_key = p.name;
    declaration.default_value = text_in(p.body, "Default");
    declaration.parameter_type = p.type;
    declaration.no_echo = no_echo(p);
    declaration.description = text_in(p.body, "Description");
    cfn::ParameterConstraints constraints;
    const doc::Node* allowed = p.body.find("AllowedValues");
    const doc::Sequence* list = allowed != nullptr ? allowed->as_sequence() : nullptr;
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      constraints.allowed_values.push_back(
          cloudformation::scalar_text(list->items[i]).value_or(""));
    }
    declaration.parameter_constraints = std::move(constraints);
    out.parameters.push_back(std::move(declaration));
  }
  if (!document->description.empty()) {
    out.description = document->description;
  }
  const auto capabilities = cloudformation::required_capabilities(*document);
  out.capabilities = capabilities.names;
  if (!capabilities.reason.empty()) {
    out.capabilities_reason = capabilities.reason;
  }
  for (const cloudformation::Resource& r : document->resources) {
    if (std::find(out.resource_types.begin(), out.resource_types.end(), r.type) ==
        out.resource_types.end()) {
      out.resource_types.push_back(r.type);
    }
  }
  out.version = "2010-09-09";
  if (!document->metadata.is_null()) {
    out.metadata = doc::to_json(document->metadata);
  }
  return out;
}

CloudFormation::Answer<cfn::ValidateTemplateResponse> CloudFormation::validate(
    const cfn::ValidateTemplateRequest& request) {
  if (!request.template_body && !request.template_url) {
    return util::unexpected(validation("Either Template URL or Template Body must be specified."));
  }
  auto text = request.template_url ? template_at(*request.template_url)
                                   : Answer<std::string>(*request.template_body);
  if (!text) {
    return util::unexpected(std::move(text.error()));
  }
  auto document = stacks::read_template(*text);
  if (!document) {
    return util::unexpected(validation(std::move(document.error())));
  }
  if (auto known = cloudformation::check_types(*document); !known) {
    return util::unexpected(validation(std::move(known.error().message)));
  }
  if (auto graph = cloudformation::make_graph(*document); !graph) {
    return util::unexpected(validation(std::move(graph.error().message)));
  }
  cfn::ValidateTemplateResponse out;
  for (const cloudformation::Parameter& p : document->parameters) {
    out.parameters.push_back({.parameter_key = p.name,
                              .default_value = text_in(p.body, "Default"),
                              .no_echo = no_echo(p),
                              .description = text_in(p.body, "Description")});
  }
  if (!document->description.empty()) {
    out.description = document->description;
  }
  const auto capabilities = cloudformation::required_capabilities(*document);
  out.capabilities = capabilities.names;
  if (!capabilities.reason.empty()) {
    out.capabilities_reason = capabilities.reason;
  }
  return out;
}

}  // namespace local
