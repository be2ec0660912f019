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

}  // namespace awsapi
