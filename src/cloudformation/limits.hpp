#pragma once

#include <cstddef>

// What a template may hold: "CloudFormation quotas" in AWS's user guide.
namespace cloudformation::limits {

inline constexpr std::size_t kInlineBytes = 51'200;       // in a request
inline constexpr std::size_t kUploadedBytes = 1'000'000;  // through S3
inline constexpr std::size_t kResources = 500;
inline constexpr std::size_t kParameters = 200;
inline constexpr std::size_t kOutputs = 200;
inline constexpr std::size_t kMappings = 200;
inline constexpr std::size_t kNameBytes = 255;
inline constexpr std::size_t kDescriptionBytes = 1'024;
inline constexpr std::size_t kDynamicReferences = 60;
inline constexpr std::size_t kNestedResources = 2'500;  // of one operation on nested stacks

}  // namespace cloudformation::limits
