#pragma once

#include <string>
#include <string_view>

#include "awsapi/shape.hpp"
#include "doc/node.hpp"
#include "local/api_error.hpp"
#include "local/providers/provider.hpp"
#include "util/result.hpp"

namespace local {

// Validates `input` as the endpoint would and calls the engine's own handler.
util::Result<doc::Node, ApiError> call_api(const Providing& providing,
                                           const awsapi::Operation& operation,
                                           const doc::Node& input);

// `properties` (PascalCase, CloudFormation's scalars) as the document of `shape`: members found by
// name whatever their case, scalars turned into the member's kind. Properties without a member are
// left out. `renamed` lists exceptions as property, member pairs.
struct Renamed {
  std::string_view property;
  std::string_view member;
};

doc::Node to_request(const doc::Node& properties,
                     const awsapi::Shape& shape,
                     std::span<const Renamed> renamed = {});

// Names below `properties` that `shape` does not have, as "ContainerDefinitions/0/Imge".
std::vector<std::string> unknown_members(const doc::Node& properties,
                                         const awsapi::Shape& shape,
                                         std::span<const Renamed> renamed = {});

// AWS's sentence for an error of a service, as the event of a resource shows it.
Progress handler_failure(const ResourceRequest& request,
                         const awsapi::Operation& operation,
                         const ApiError& error);
// The same for a sentence of the handler itself: "Resource handler returned message: …".
Progress handler_failure(const ResourceRequest& request,
                         std::string_view message,
                         std::string_view handler_code);

// "<stack>-<logical id>-<12 random>", cut to `limit`.
std::string physical_name(const Providing& providing,
                          const ResourceRequest& request,
                          std::size_t limit);

// The property as text; empty when absent.
std::string text_property(const doc::Node& properties, std::string_view name);
// A text at a path of a response: `text_at(response, {"cluster", "clusterArn"})`; numbers pick list
// items.
std::string text_at(const doc::Node& node, std::initializer_list<std::string_view> path);
const doc::Node* node_at(const doc::Node& node, std::initializer_list<std::string_view> path);

// The resource's own Tags (a list of Key/Value, or a map) after the stack's, as a list of {key,
// value} named so.
doc::Node tag_list(const ResourceRequest& request,
                   std::string_view key,
                   std::string_view value,
                   std::string_view property = "Tags");
doc::Node tag_map(const ResourceRequest& request);

doc::Mapping attributes(std::vector<std::pair<std::string_view, std::string>> entries);

}  // namespace local
