#include "local/daemon/cleanup.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

namespace local::daemon {

namespace {

constexpr std::string_view kEngineLabel = "com.docker.ecs.engine";
constexpr std::chrono::seconds kGrace{10};
constexpr std::size_t kAtOnce = 16;

}  // namespace

Cleanup remove_containers(docker::Engine& docker, std::string_view engine_id) {
  Cleanup result;
  const auto containers =
      docker.list_containers({std::string(kEngineLabel) + "=" + std::string(engine_id)});
  if (!containers) {
    result.problems.push_back(containers.error().message);
    return result;
  }
  std::mutex mutex;  // guards next and result
  std::size_t next = 0;
  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (next < containers->size()) {
      const docker::Container& container = (*containers)[next++];
      lock.unlock();
      auto done = container.status == docker::ContainerStatus::running
                      ? docker.stop_container(container.id, kGrace)
                      : docker::Result<void>();
      if (const auto removed = docker.remove_container(container.id); !removed || done) {
        done = removed;
      }
      lock.lock();
      if (done) {
        ++result.containers;
      } else {
        result.problems.push_back(container.name + ": " + done.error().message);
      }
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(kAtOnce, containers->size()); ++i) {
    threads.emplace_back(work);
  }
  threads.clear();
  return result;
}

Cleanup remove_everything(docker::Engine& docker, std::string_view engine_id) {
  Cleanup result = remove_containers(docker, engine_id);
  const auto networks = docker.list_networks();
  const auto volumes =
      docker.list_volumes({std::string(kEngineLabel) + "=" + std::string(engine_id)});
  if (!networks || !volumes) {
    result.problems.push_back(!networks ? networks.error().message : volumes.error().message);
    return result;
  }
  const auto count =
      [&](std::size_t& counter, const std::string& name, const docker::Result<void>& removed) {
        if (removed) {
          ++counter;
        } else {
          result.problems.push_back(name + ": " + removed.error().message);
        }
      };
  for (const docker::Network& network : *networks) {
    const auto label = network.labels.find(kEngineLabel);
    if (label != network.labels.end() && label->second == engine_id) {
      count(result.networks, network.name, docker.remove_network(network.id));
    }
  }
  for (const docker::Volume& volume : *volumes) {
    count(result.volumes, volume.name, docker.remove_volume(volume.name));
  }
  return result;
}

}  // namespace local::daemon
