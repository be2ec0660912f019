#include "local/providers/api_call.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/validate.hpp"
#include "cloudformation/evaluate.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

using cloudformation::scalar_text;

doc::Node to_kind(const doc::Node& value, const awsapi::Type& type);

doc::Node scalar_to_kind(const doc::Node& value, awsapi::Kind kind) {
  const auto text = scalar_text(value);
  if (!text) {
    return value;
  }
  if (kind == awsapi::Kind::string) {
    return doc::Node{*text};
  }
  if (kind == awsapi::Kind::integer) {
    const auto number = util::parse_int(*text);
    return number ? doc::Node{*number} : value;
  }
  if (kind == awsapi::Kind::boolean && util::iequals(*text, "true")) {
    return doc::Node{true};
  }
  if (kind == awsapi::Kind::boolean && util::iequals(*text, "false")) {
    return doc::Node{false};
  }
  return value;
}

doc::Node to_kind(const doc::Node& value, const awsapi::Type& type) {
  if (type.kind == awsapi::Kind::structure) {
    return to_request(value, type.shape());
  }
  if (type.kind == awsapi::Kind::list) {
    doc::Sequence out;
    const doc::Sequence* list = value.as_sequence();
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      out.items.push_back(to_kind(list->items[i], *type.element));
    }
    return list != nullptr ? doc::Node{std::move(out)} : value;
  }
  if (type.kind == awsapi::Kind::map) {
    doc::Mapping out;
    const doc::Mapping* map = value.as_mapping();
    for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
      out.set(map->entries[i].key.value, to_kind(map->entries[i].value, *type.element));
    }
    return map != nullptr ? doc::Node{std::move(out)} : value;
  }
  return scalar_to_kind(value, type.kind);
}

const awsapi::Member* member_for(std::string_view property,
                                 const awsapi::Shape& shape,
                                 std::span<const Renamed> renamed) {
  for (const Renamed& r : renamed) {
    if (r.property == property) {
      return shape.find(r.member);
    }
  }
  for (const awsapi::Member& m : shape.members) {
    if (util::iequals(m.name, property)) {
      return &m;
    }
  }
  return nullptr;
}

void find_unknown(const doc::Node& value,
                  const awsapi::Type& type,
                  const std::string& path,
                  std::vector<std::string>& out) {
  if (type.kind == awsapi::Kind::structure) {
    for (const std::string& name : unknown_members(value, type.shape())) {
      out.push_back(path + "/" + name);
    }
    return;
  }
  const doc::Sequence* list = value.as_sequence();
  for (std::size_t i = 0;
       type.kind == awsapi::Kind::list && list != nullptr && i < list->items.size();
       ++i) {
    find_unknown(list->items[i], *type.element, path + "/" + std::to_string(i), out);
  }
  const doc::Mapping* map = value.as_mapping();
  for (std::size_t i = 0;
       type.kind == awsapi::Kind::map && map != nullptr && i < map->entries.size();
       ++i) {
    find_unknown(map->entries[i].value, *type.element, path + "/" + map->entries[i].key.value, out);
  }
}

bool is_intrinsic(const doc::Mapping& map) {
  return map.entries.size() == 1 && (map.entries.front().key.value == "Ref" ||
                                     map.entries.front().key.value.starts_with("Fn::"));
}

std::string_view handler_code(const ApiError& error) {
  if (error.code.find("AlreadyExist") != std::string::npos || error.code.starts_with("Duplicate")) {
    return "AlreadyExists";
  }
  if (error.code.find("NotFound") != std::string::npos ||
      error.code.find("DoesNotExist") != std::string::npos) {
    return "NotFound";
  }
  if (error.code.find("Invalid") != std::string::npos ||
      error.code.find("Validation") != std::string::npos) {
    return "InvalidRequest";
  }
  return "GeneralServiceException";
}

std::string_view service_title(const awsapi::Service& service) {
  static constexpr std::pair<std::string_view, std::string_view> kTitles[] = {
      {"ecs", "Ecs"},
      {"ec2", "Ec2"},
      {"efs", "Efs"},
      {"elbv2", "ElasticLoadBalancingV2"},
      {"logs", "CloudWatchLogs"},
      {"secretsmanager", "SecretsManager"},
      {"servicediscovery", "ServiceDiscovery"},
      {"ssm", "Ssm"}};
  for (const auto& [name, title] : kTitles) {
    if (name == service.name) {
      return title;
    }
  }
  return service.name;
}

// Own tags win over the stack's.
std::vector<std::pair<std::string, std::string>> merged_tags(const ResourceRequest& request,
                                                             std::string_view property = "Tags") {
  std::vector<std::pair<std::string, std::string>> out = request.tags;
  const auto put = [&](const std::string& key, const std::string& value) {
    const auto at =
        std::find_if(out.begin(), out.end(), [&](const auto& t) { return t.first == key; });
    if (at != out.end()) {
      at->second = value;
    } else {
      out.emplace_back(key, value);
    }
  };
  const doc::Node* own = request.properties.find(property);
  if (const doc::Sequence* list = own != nullptr ? own->as_sequence() : nullptr) {
    for (const doc::Node& tag : list->items) {
      put(text_property(tag, "Key"), text_property(tag, "Value"));
    }
  } else if (const doc::Mapping* map = own != nullptr ? own->as_mapping() : nullptr) {
    for (const doc::Entry& entry : map->entries) {
      put(entry.key.value, scalar_text(entry.value).value_or(""));
    }
  }
  return out;
}

}  // namespace

Progress Progress::failure(std::string reason) {
  Progress out;
  out.state = State::failed;
  out.reason = std::move(reason);
  return out;
}

util::Result<doc::Node, ApiError> call_api(const Providing& providing,
                                           const awsapi::Operation& operation,
                                           const doc::Node& input) {
  const ActionTable::Handler* handler = providing.actions.find(operation);
  if (handler == nullptr) {
    return util::unexpected(ApiError{
        "InvalidAction",
        "The local engine does not have the operation " + std::string(operation.name) + ".",
        400});
  }
  if (const auto problem = awsapi::validate(operation, input)) {
    return util::unexpected(ApiError{problem->code, problem->message, problem->http_status});
  }
  return (*handler)(input);
}

doc::Node to_request(const doc::Node& properties,
                     const awsapi::Shape& shape,
                     std::span<const Renamed> renamed) {
  doc::Mapping out;
  const doc::Mapping* map = properties.as_mapping();
  for (std::size_t i = 0; map != nullptr && i < map->entries.size(); ++i) {
    const doc::Entry& entry = map->entries[i];
    if (const awsapi::Member* member = member_for(entry.key.value, shape, renamed)) {
      out.set(member->name, to_kind(entry.value, *member->type));
    }
  }
  return map != nullptr ? doc::Node{std::move(out)} : properties;
}

std::vector<std::string> unknown_members(const doc::Node& properties,
                                         const awsapi::Shape& shape,
                                         std::span<const Renamed> renamed) {
  std::vector<std::string> out;
  const doc::Mapping* map = properties.as_mapping();
  if (map == nullptr || is_intrinsic(*map)) {
    return out;
  }
  for (const doc::Entry& entry : map->entries) {
    const awsapi::Member* member = member_for(entry.key.value, shape, renamed);
    if (member == nullptr) {
      out.push_back(entry.key.value);
    } else {
      find_unknown(entry.value, *member->type, entry.key.value, out);
    }
  }
  return out;
}

Progress handler_failure(const ResourceRequest& request,
                         const awsapi::Operation& operation,
                         const ApiError& error) {
  return handler_failure(request,
                         error.message +
                             " (Service: " + std::string(service_title(operation.service())) +
                             ", Status Code: " + std::to_string(error.http_status) +
                             ", Request ID: " + request.token + ")",
                         handler_code(error));
}

Progress handler_failure(const ResourceRequest& request,
                         std::string_view message,
                         std::string_view handler_code) {
  return Progress::failure("Resource handler returned message: \"" + std::string(message) +
                           "\" (RequestToken: " + request.token +
                           ", HandlerErrorCode: " + std::string(handler_code) + ")");
}

std::string physical_name(const Providing& providing,
                          const ResourceRequest& request,
                          std::size_t limit) {
  const std::string suffix = providing.context.ids.alnum(12);
  const std::size_t room = limit - suffix.size() - 2;
  std::string stack = request.stack_name;
  std::string logical = request.logical_id;
  if (stack.size() + logical.size() > room) {
    stack.resize(std::min(stack.size(), std::max(room / 2, room - std::min(room, logical.size()))));
    logical.resize(std::min(logical.size(), room - stack.size()));
  }
  return stack + "-" + logical + "-" + suffix;
}

std::string text_property(const doc::Node& properties, std::string_view name) {
  const doc::Node* node = properties.find(name);
  return node != nullptr ? scalar_text(*node).value_or("") : "";
}

const doc::Node* node_at(const doc::Node& node, std::initializer_list<std::string_view> path) {
  const doc::Node* at = &node;
  for (const std::string_view step : path) {
    if (const doc::Sequence* list = at->as_sequence()) {
      const auto index = util::parse_int(step);
      at = index && static_cast<std::size_t>(*index) < list->items.size()
               ? &list->items[static_cast<std::size_t>(*index)]
               : nullptr;
    } else {
      at = at->find(step);
    }
    if (at == nullptr) {
      return nullptr;
    }
  }
  return at;
}

std::string text_at(const doc::Node& node, std::initializer_list<std::string_view> path) {
  const doc::Node* found = node_at(node, path);
  return found != nullptr ? scalar_text(*found).value_or("") : "";
}

doc::Node tag_list(const ResourceRequest& request,
                   std::string_view key,
                   std::string_view value,
                   std::string_view property) {
  doc::Sequence out;
  for (const auto& [name, text] : merged_tags(request, property)) {
    out.items.push_back(doc::map({{key, doc::Node{name}}, {value, doc::Node{text}}}));
  }
  return doc::Node{std::move(out)};
}

doc::Node tag_map(const ResourceRequest& request) {
  doc::Mapping out;
  for (const auto& [name, text] : merged_tags(request)) {
    out.set(name, doc::Node{text});
  }
  return doc::Node{std::move(out)};
}

doc::Mapping attributes(std::vector<std::pair<std::string_view, std::string>> entries) {
  doc::Mapping out;
  for (auto& [name, value] : entries) {
    out.set(name, doc::Node{std::move(value)});
  }
  return out;
}

}  // namespace local
