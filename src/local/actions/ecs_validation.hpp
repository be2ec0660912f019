#pragma once

#include <optional>
#include <string>

#include "awsapi/ecs.hpp"
#include "local/api_error.hpp"

// What AWS refuses about a task definition. Pure.
namespace local::ecs {

namespace api = ::awsapi::ecs;

std::optional<ApiError> problem_of(const api::RegisterTaskDefinitionRequest& request);

// "0.25 vCPU" -> "256", "1 GB" -> "1024"; other texts stay.
std::optional<std::string> normal_cpu(const std::optional<std::string>& text);
std::optional<std::string> normal_memory(const std::optional<std::string>& text);

}  // namespace local::ecs
