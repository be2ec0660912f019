#include "local/scheduler/docker_steps.hpp"

#include "local/scheduler/container_spec.hpp"
#include "local/scheduler/pause_image.hpp"

namespace local::ecs {
namespace {

std::string words_of(const docker::Error& error) {
  return error.message.empty() ? "Docker Engine answered " + std::to_string(error.status)
                               : error.message;
}

CreateOutcome create_failure(std::string_view kind, const docker::Error& error) {
  CreateOutcome out;
  out.unreachable = error.kind == docker::ErrorKind::unreachable;
  out.failure = std::string(kind) + ": " + words_of(error);
  return out;
}

bool is_missing_image(const docker::Error& error) {
  return error.kind == docker::ErrorKind::not_found &&
         error.message.find("network") == std::string::npos;
}

// The name is taken: by ourselves, before a crash, or by a stranger.
CreateOutcome take_over(docker::Engine& docker,
                        const docker::ContainerSpec& spec,
                        const docker::Error& conflict) {
  const std::string task_label = std::string(kLabelPrefix) + "task";
  const auto existing = docker.inspect_container(spec.name);
  const auto mine = spec.labels.find(task_label);
  if (existing && mine != spec.labels.end()) {
    const auto theirs = existing->labels.find(task_label);
    if (theirs != existing->labels.end() && theirs->second == mine->second) {
      CreateOutcome out;
      out.id = existing->id;
      return out;
    }
  }
  return create_failure("CannotCreateContainerError", conflict);
}

}  // namespace

CreateOutcome create_in_docker(docker::Engine& docker,
                               const docker::ContainerSpec& spec,
                               const std::vector<VolumeNeed>& volumes,
                               const docker::RegistryCredentials* credentials) {
  if (const auto made = make_volumes(docker, volumes, spec.name + "-owner"); !made) {
    return create_failure("ResourceInitializationError: failed to create a volume", made.error());
  }
  auto created = docker.create_container(spec);
  if (!created && is_missing_image(created.error())) {
    if (const auto pulled = docker.pull_image(spec.image, credentials); !pulled) {
      return create_failure("CannotPullContainerError", pulled.error());
    }
    created = docker.create_container(spec);
  }
  if (created) {
    CreateOutcome out;
    out.id = *created;
    return out;
  }
  if (created.error().kind == docker::ErrorKind::conflict) {
    return take_over(docker, spec, created.error());
  }
  CreateOutcome out = create_failure("CannotCreateContainerError", created.error());
  out.wants_network = created.error().kind == docker::ErrorKind::not_found &&
                      created.error().message.find("network") != std::string::npos;
  return out;
}

CreateOutcome create_pause_in_docker(docker::Engine& docker, const docker::ContainerSpec& spec) {
  if (!docker.inspect_image(spec.image)) {
    if (const auto imported =
            docker.import_image(pause_archive(), spec.image, {"CMD [\"/pause\"]"});
        !imported) {
      return create_failure("CannotCreateContainerError", imported.error());
    }
  }
  return create_in_docker(docker, spec, {}, nullptr);
}

StartOutcome start_in_docker(docker::Engine& docker,
                             const std::string& id,
                             const std::vector<std::string>& more_networks,
                             const std::vector<std::string>& aliases) {
  StartOutcome out;
  const auto failed = [&](const docker::Error& error) {
    out.failure = "CannotStartContainerError: " + words_of(error);
    out.unreachable = error.kind == docker::ErrorKind::unreachable;
    out.engine_trouble = error.kind == docker::ErrorKind::server;
    return out;
  };
  for (const std::string& network : more_networks) {
    const auto connected = docker.connect_network(network, id, aliases);
    const bool already =
        !connected && connected.error().message.find("already exists") != std::string::npos;
    if (!connected && !already) {
      return failed(connected.error());
    }
  }
  if (const auto started = docker.start_container(id); !started) {
    return failed(started.error());
  }
  auto container = docker.inspect_container(id);
  if (!container) {
    return failed(container.error());
  }
  out.container = std::move(*container);
  return out;
}

StopOutcome stop_in_docker(docker::Engine& docker,
                           const std::string& id,
                           std::chrono::seconds grace) {
  StopOutcome out;
  const auto stopped = docker.stop_container(id, grace);
  auto container = docker.inspect_container(id);
  if (container) {
    out.container = std::move(*container);
  } else {
    out.gone = container.error().kind == docker::ErrorKind::not_found;
    out.unreachable = !out.gone;
  }
  out.unreachable =
      out.unreachable || (!stopped && stopped.error().kind == docker::ErrorKind::unreachable);
  return out;
}

}  // namespace local::ecs
