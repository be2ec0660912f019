#include "convert/one_offs.hpp"

#include <algorithm>
#include <utility>

#include "convert/convert.hpp"
#include "diag/diagnostic.hpp"

namespace convert {
namespace {

// Alone: no ports, no dependencies, the number that `replicas` says has no meaning.
compose::Service alone(const compose::Service& service) {
  compose::Service out = service;
  out.ports.clear();
  out.depends_on.clear();
  out.links.clear();
  out.extensions.set(kOneOffKey, doc::Node(true));
  return out;
}

// Of the project's own secrets `up` writes the value: a one-off adds none to them.
bool needs_own_secret(const compose::Project& everything, const compose::Service& service) {
  return std::any_of(service.secrets.begin(), service.secrets.end(), [&](const auto& reference) {
    const auto at = everything.secrets.find(reference.source.value);
    return at == everything.secrets.end() || !at->second.external;
  });
}

bool shares_task(const compose::Service& service) {
  return (service.network_mode && service.network_mode->value.starts_with("service:")) ||
         (service.deploy && compose::find(service.deploy->labels, "ecs.task.family") != nullptr);
}

bool converts_alone(const compose::Project& everything, const compose::Service& service) {
  compose::Project trial;
  trial.name = everything.name;
  trial.working_dir = everything.working_dir;
  trial.networks = everything.networks;
  trial.volumes = everything.volumes;
  trial.secrets = everything.secrets;
  trial.configs = everything.configs;
  trial.services.emplace(service.name, service);
  diag::Bag bag;
  return convert(trial, bag).has_value();
}

}  // namespace

bool is_one_off_of_profile(const compose::Service& service) {
  return service.extensions.find(kOneOffKey) != nullptr;
}

void add_one_offs(compose::Project& project, const compose::Project& everything) {
  for (const std::string& name : project.disabled_services) {
    const auto at = everything.services.find(name);
    if (at == everything.services.end() || shares_task(at->second) ||
        needs_own_secret(everything, at->second)) {
      continue;
    }
    compose::Service service = alone(at->second);
    if (converts_alone(everything, service)) {
      project.services.emplace(name, std::move(service));
    }
  }
}

}  // namespace convert
