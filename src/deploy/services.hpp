#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/api.hpp"
#include "deploy/stack.hpp"

namespace deploy {

// A port of a load balancer that leads to a service.
struct Publisher {
  std::string host;  // the load balancer's name
  std::int64_t published = 0;
  std::int64_t target = 0;
  std::string protocol;  // tcp, udp
  std::string url;       // "http://localhost:5000"; empty when nothing says what is spoken there
};

// A Compose service as it runs.
struct ServiceStatus {
  std::string id;  // the ECS service's name
  std::string arn;
  std::string name;  // the Compose service
  std::int64_t running = 0;
  std::int64_t desired = 0;
  std::int64_t pending = 0;
  std::string status;   // ACTIVE, DRAINING, INACTIVE
  std::string rollout;  // of the primary deployment: COMPLETED, IN_PROGRESS, FAILED
  std::string rollout_reason;
  std::vector<Publisher> publishers;
};

// The services of a stack, by name.
ApiResult<std::vector<ServiceStatus>> read_services(Api& api, const RemoteStack& stack);

}  // namespace deploy
