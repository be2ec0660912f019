#include "local/daemon/key_file.hpp"

#include <unistd.h>

#include "local/actions/secrets_manager.hpp"
#include "local/actions/ssm.hpp"
#include "local/daemon/files.hpp"
#include "local/state/sealer.hpp"

namespace local::daemon {

util::Result<std::string, StartFailure> open_key(const StatePaths& paths, Store& store) {
  auto key = read_small_file(paths.key());
  if (key && key->size() == Sealer::kKeyBytes) {
    return std::move(*key);
  }
  const bool needed = SecretsManager::holds_sealed(store) || Ssm::holds_sealed(store);
  if (key || needed || ::access(paths.key().c_str(), F_OK) == 0) {
    return util::unexpected(StartFailure{
        .message = "the local engine's key " + paths.key() + (key ? " is damaged" : " is missing"),
        .help = "put it back from a copy; without it no secret can be read, and \"docker ecs local "
                "reset\" begins anew"});
  }
  std::string fresh = Sealer::new_key();
  if (auto written = write_private_file(paths.key(), fresh); !written) {
    return util::unexpected(StartFailure{
        .message =
            "the local engine's key " + paths.key() + " cannot be written: " + written.error(),
        .help = "make its directory writable, or choose another one with "
                "DOCKER_ECS_HOME"});
  }
  return fresh;
}

}  // namespace local::daemon
