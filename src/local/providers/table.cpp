#include "local/providers/provider.hpp"

namespace local {

const Provider* find_provider(std::string_view type) {
  for (const auto rows : {ecs_providers(),
                          network_providers(),
                          file_system_providers(),
                          recorded_providers(),
                          load_balancing_providers(),
                          certificate_providers(),
                          discovery_providers(),
                          secret_providers(),
                          iam_providers(),
                          bare_providers()}) {
    for (const Provider& row : rows) {
      if (row.type == type) {
        return &row;
      }
    }
  }
  return nullptr;
}

}  // namespace local
