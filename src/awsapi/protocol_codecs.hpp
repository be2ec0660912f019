#pragma once

// The protocols behind awsapi/protocol.hpp; included by the awsapi sources only.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "awsapi/protocol.hpp"

namespace awsapi {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // a decoded form, in order

const std::string* find_header(const WireMessage& message, std::string_view name);

// json
doc::Node to_json_document(const Shape& shape, const doc::Node& input);
util::Result<doc::Node, WireError> from_json_document(const Shape& shape, const doc::Node& json);
util::Result<doc::Node, WireError> read_json_body(const Shape& shape, std::string_view body);
WireMessage encode_json_error(const WireError& error);
std::optional<WireError> read_json_error(std::string_view body);

// query and ec2
Parameters parse_form(std::string_view text);
std::string encode_form(const Operation& operation, const doc::Node& input);
util::Result<doc::Node, WireError> read_form(const Operation& operation,
                                             const Parameters& parameters);

// XML answers of query and ec2
std::string encode_xml(const Operation& operation,
                       const doc::Node& output,
                       std::string_view request_id);
std::string encode_xml_error(const Service& service, const WireError& error);
// Nothing when the body is no XML or has another root than an answer of this operation.
std::optional<doc::Node> read_xml(const Operation& operation, std::string_view body);
std::optional<WireError> read_xml_error(std::string_view body);
// A bare document, as rest-xml has them. An empty namespace is not written.
std::string encode_xml_document(const Shape& shape,
                                const doc::Node& value,
                                std::string_view root,
                                std::string_view xml_namespace);
std::optional<doc::Node> read_xml_document(const Shape& shape, std::string_view body);

// rest-xml and rest-json
inline bool is_rest(Protocol protocol) {
  return protocol == Protocol::rest_xml || protocol == Protocol::rest_json;
}

WireMessage encode_rest_request(const Operation& operation, const doc::Node& input);
WireMessage encode_rest_response(const Operation& operation, const doc::Node& output);
// Nothing when the body is not what the operation answers.
std::optional<doc::Node> read_rest_response(const Operation& operation,
                                            const WireMessage& response);
util::Result<doc::Node, WireError> read_rest_request(const Operation& operation,
                                                     const WireMessage& request);
// The operation whose route fits best among the services that the request may be for: those whose
// signing name it carries, or all when it is not signed.
util::Result<const Operation*, WireError> route_rest_request(const WireMessage& request);
// The service that an unroutable request was signed for; null when there is none.
const Service* rest_service_of(const WireMessage& request);

}  // namespace awsapi
