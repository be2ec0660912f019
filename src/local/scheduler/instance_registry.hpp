#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace local::ecs {

using InstanceAttributes = std::map<std::string, std::string, std::less<>>;

// What the scheduler needs of Cloud Map: the names a service registry stands for, and its
// instances.
class InstanceRegistry {
 public:
  struct Names {
    std::string service;     // "backend"
    std::string name_space;  // "app.local"
  };

  InstanceRegistry() = default;
  InstanceRegistry(const InstanceRegistry&) = delete;
  InstanceRegistry& operator=(const InstanceRegistry&) = delete;
  virtual ~InstanceRegistry() = default;
  virtual std::optional<Names> names_of(std::string_view registry_arn) const = 0;
  virtual void register_instance(std::string_view registry_arn,
                                 const std::string& instance,
                                 InstanceAttributes attributes) = 0;
  virtual void deregister_instance(std::string_view registry_arn, const std::string& instance) = 0;
};

}  // namespace local::ecs
