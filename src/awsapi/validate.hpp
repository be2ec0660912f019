#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/protocol.hpp"
#include "awsapi/shape.hpp"
#include "doc/node.hpp"

namespace awsapi {

// Checks an input document against the operation's shape: required members, lengths, ranges, enums,
// patterns. The error carries AWS's own words and the code that this service uses for them ("1
// validation error detected: Value '…' at 'stackName' failed to satisfy constraint: Member must …";
// ec2: MissingParameter, InvalidParameterValue).
std::optional<WireError> validate(const Operation& operation, const doc::Node& input);

// The same findings one by one, without a service's framing: "Value null at 'x' failed to satisfy
// constraint: …".
std::vector<std::string> violations(const Shape& shape, const doc::Node& input);

}  // namespace awsapi
