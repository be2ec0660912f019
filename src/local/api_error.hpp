#pragma once

#include <string>

namespace local {

// An AWS error as the engine decides it; the endpoint encodes it in the protocol of the service.
struct ApiError {
  std::string code;     // "ValidationError", "ServiceNotFoundException"
  std::string message;  // AWS's own words where they are known
  int http_status = 400;
};

}  // namespace local
