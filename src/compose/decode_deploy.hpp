#pragma once

#include <string_view>
#include <vector>

#include "compose/deploy.hpp"
#include "doc/node.hpp"

// What a service asks of the platform that runs it.
namespace compose {

Deploy decode_deploy(const doc::Node& node);
std::vector<DeviceRequest> decode_device_requests(const doc::Node& node, std::string_view key);

}  // namespace compose
