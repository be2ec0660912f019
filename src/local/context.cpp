#include "local/context.hpp"

namespace local {

std::string Ids::uuid() {
  return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12);
}

std::string Context::arn(std::string_view service, std::string_view resource) const {
  return "arn:aws:" + std::string(service) + ":" + region + ":" + account + ":" +
         std::string(resource);
}

}  // namespace local
