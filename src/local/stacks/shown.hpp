#pragma once

#include <string>

#include "doc/node.hpp"
#include "local/stacks/records.hpp"

namespace local::stacks {

// CloudFormation shows every scalar of a property document as a string.
doc::Node as_texts(const doc::Node& node);

// A property document as the JSON text of an event or change set, the values of NoEcho parameters
// masked.
std::string shown_json(const Definition& definition, const doc::Node& node);
std::string masked(const Definition& definition, std::string text);

}  // namespace local::stacks
