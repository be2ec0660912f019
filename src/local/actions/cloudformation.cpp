#include "local/actions/cloudformation.hpp"

#include <algorithm>

#include "cloudformation/parse.hpp"
#include "cloudformation/schema.hpp"
#include "local/actions/cloudformation_wanted.hpp"
#include "local/providers/parity.hpp"

namespace local {
namespace {

constexpr std::size_t kBodyLimit = 51'200;

bool allowed(const std::vector<std::string>& given, const std::string& needed) {
  const auto has = [&](std::string_view name) {
    return std::find(given.begin(), given.end(), name) != given.end();
  };
  return has(needed) || (needed == "CAPABILITY_IAM" && has("CAPABILITY_NAMED_IAM"));
}

}  // namespace

void CloudFormation::add_actions(ActionTable& actions) {
  add_stack_actions(actions);
  add_change_set_actions(actions);
  add_describe_actions(actions);
  add_template_actions(actions);
}

void CloudFormation::restore() {
  book_.restore();
  runner_.resume();
}

CloudFormation::Answer<stacks::Definition> CloudFormation::definition(const Wanted& wanted,
                                                                      const StackRecord* stack) {
  stacks::Definition out;
  if (wanted.url && wanted.body) {
    return util::unexpected(validation("You cannot specify both Template Body and Template URL."));
  }
  if (wanted.body && wanted.body->size() > kBodyLimit) {
    return util::unexpected(validation(
        "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member "
        "must have length less than or equal to 51200"));
  }
  if (wanted.url) {
    auto text = template_at(*wanted.url);
    if (!text) {
      return util::unexpected(std::move(text.error()));
    }
    out.body = std::move(*text);
  } else if (wanted.body) {
    out.body = *wanted.body;
  } else if (wanted.use_previous && stack != nullptr && !stack->current.body.empty()) {
    out.body = stack->current.body;
  } else {
    return util::unexpected(validation("Either Template URL or Template Body must be specified."));
  }
  auto document = stacks::read_template(out.body);
  if (!document) {
    return util::unexpected(validation(std::move(document.error())));
  }
  if (auto known = cloudformation::check_types(*document); !known) {
    return util::unexpected(validation(std::move(known.error().message)));
  }
  if (auto graph = cloudformation::make_graph(*document); !graph) {
    return util::unexpected(validation(std::move(graph.error().message)));
  }
  for (const cloudformation::Resource& resource : document->resources) {
    if (find_provider(resource.type) == nullptr) {
      return util::unexpected(validation("Template format error: Unrecognized resource types: [" +
                                         resource.type + "]"));
    }
    if (auto problem =
            unsupported_property(resource.type, resource.id.str(), resource.properties)) {
      return util::unexpected(validation(std::move(*problem)));
    }
    if (auto problem = refused_property(resource.type, resource.id.str(), resource.properties)) {
      return util::unexpected(validation(std::move(*problem)));
    }
  }
  for (const std::string& needed : cloudformation::required_capabilities(*document).names) {
    if (!allowed(wanted.capabilities, needed)) {
      return util::unexpected(ApiError{
          "InsufficientCapabilitiesException", "Requires capabilities : [" + needed + "]", 400});
    }
  }
  const std::vector<cloudformation::ParameterValue> none;
  auto parameters = cloudformation::resolve_parameters(
      *document,
      wanted.parameters,
      stack != nullptr ? stack->current.parameters : none,
      [this](const std::string& name) {
        return stacks::stored_parameter(runner_.providing(), name);
      });
  if (!parameters) {
    return util::unexpected(validation(std::move(parameters.error())));
  }
  out.parameters = std::move(*parameters);
  out.tags = wanted.tags;
  out.capabilities = wanted.capabilities;
  return out;
}

cloudformation::Evaluated<std::vector<cloudformation::Change>> CloudFormation::changes(
    const stacks::Plan& plan,
    const stacks::Definition& definition,
    const StackRecord& stack) {
  std::map<std::string, cloudformation::Deployed, std::less<>> deployed;
  for (const auto& [key, record] : book_.resources(stack.id)) {
    if (record.old_copy || !record.exists()) {
      continue;
    }
    cloudformation::Deployed one{record.type,
                                 record.copy.physical_id,
                                 record.copy.properties,
                                 {},
                                 record.copy.deletion_policy};
    const doc::Mapping* attributes = record.copy.attributes.as_mapping();
    for (std::size_t i = 0; attributes != nullptr && i < attributes->entries.size(); ++i) {
      one.attributes.emplace(attributes->entries[i].key.value, attributes->entries[i].value);
    }
    deployed.emplace(record.id, std::move(one));
  }
  const stacks::LiveSurroundings outside(runner_.providing(), book_, stack.id);
  const bool is_new = stack.current.body.empty();
  return cloudformation::plan_changes({plan.document,
                                       definition.parameters,
                                       stack.current.parameters,
                                       plan.conditions,
                                       plan.pseudo,
                                       outside,
                                       deployed,
                                       !is_new && stack.current.tags != definition.tags});
}

}  // namespace local
