#include "convert/legacy_ids.hpp"

#include <set>

#include "convert/naming.hpp"

namespace convert {

LegacyIds::LegacyIds(const compose::Project& project, const cloudformation::Template& target) {
  const std::string project_part = legacy_id_part(project.name);
  for (const cloudformation::Resource& resource : target.resources) {
    const std::string& id = resource.id.str();
    for (const auto& [name, service] : project.services) {
      add_spelling(id, id_part(name), {legacy_id_part(name)});
    }
    for (const auto& [name, network] : project.networks) {
      const std::string part = legacy_id_part(name);
      add_spelling(id, id_part(name), {part, project_part + part});
    }
  }
  add_balancer_ids(project, target, project_part);
  for (const cloudformation::Resource& resource : target.resources) {
    ids_.erase(resource.id.str());  // a real id means itself
  }
}

std::string LegacyIds::current(const std::string& id) const {
  const auto at = ids_.find(id);
  return at == ids_.end() ? id : at->second;
}

// What was a listener of one service is a listener of all that publish the port over HTTP, and
// the load balancer may be the application one.
void LegacyIds::add_balancer_ids(const compose::Project& project,
                                 const cloudformation::Template& target,
                                 const std::string& project_part) {
  const std::string balancer =
      target.find("LoadBalancer") != nullptr ? "LoadBalancer" : "ApplicationLoadBalancer";
  ids_.emplace(project_part + "LoadBalancer", balancer);
  ids_.emplace("LoadBalancer", balancer);
  std::set<std::string> listeners;
  for (const cloudformation::Resource& resource : target.resources) {
    if (resource.id.str().starts_with("Port")) {
      listeners.insert(resource.id.str());
    }
  }
  for (const auto& [name, service] : project.services) {
    for (const auto& port : service.ports) {
      const std::string number = std::to_string(port.value.target);
      const std::string published = port.value.published.empty() ? number : port.value.published;
      if (listeners.contains("Port" + published + "Listener")) {
        ids_.emplace(legacy_id_part(name) + "TCP" + number + "Listener",
                     "Port" + published + "Listener");
        ids_.emplace(id_part(name) + "TCP" + published + "Listener",
                     "Port" + published + "Listener");
      }
    }
  }
}

void LegacyIds::add_spelling(const std::string& id,
                             const std::string& part,
                             const std::vector<std::string>& old_parts) {
  if (!id.starts_with(part)) {
    return;
  }
  const std::string rest = id.substr(part.size());
  for (const std::string& old_part : old_parts) {
    ids_.emplace(old_part + rest, id);
    if (rest.starts_with("TCP") && rest.ends_with("Ingress")) {
      ids_.emplace(old_part + rest.substr(3), id);  // Default5000Ingress
      if (rest.ends_with("HttpIngress")) {
        ids_.emplace(old_part + rest.substr(3, rest.size() - 14) + "Ingress", id);
      }
    }
  }
}

}  // namespace convert
