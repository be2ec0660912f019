#include "compose/decode_deploy.hpp"

#include <utility>

#include "compose/decode_values.hpp"

namespace compose {
namespace {

ResourceSet decode_resource_set(const doc::Node& node) {
  ResourceSet out;
  out.cpus = real(node, "cpus");
  out.memory = bytes(node, "memory");
  out.pids = number(node, "pids");
  out.devices = decode_device_requests(node, "devices");
  for (const doc::Node& item : items(node, "generic_resources")) {
    if (const doc::Node* spec = item.find("discrete_resource_spec")) {
      out.generic_resources.push_back(
          {text(*spec, "kind"), number(*spec, "value").value_or(Number{}).value, item.span});
    }
  }
  out.extensions = extensions(node);
  out.span = node.span;
  return out;
}

UpdateConfig decode_update_config(const doc::Node& node) {
  UpdateConfig out;
  out.parallelism = number(node, "parallelism");
  out.delay = duration(node, "delay");
  out.failure_action = located_text(node, "failure_action");
  out.monitor = duration(node, "monitor");
  out.max_failure_ratio = real(node, "max_failure_ratio");
  out.order = located_text(node, "order");
  out.extensions = extensions(node);
  out.span = node.span;
  return out;
}

RestartPolicy decode_restart_policy(const doc::Node& node) {
  return {located_text(node, "condition"),
          duration(node, "delay"),
          number(node, "max_attempts"),
          duration(node, "window"),
          extensions(node),
          node.span};
}

Placement decode_placement(const doc::Node& node) {
  Placement out;
  out.constraints = texts(node, "constraints");
  for (const doc::Node& preference : items(node, "preferences")) {
    if (std::optional<Text> spread = located_text(preference, "spread")) {
      out.spread_preferences.push_back(std::move(*spread));
    }
  }
  out.max_replicas_per_node = number(node, "max_replicas_per_node");
  out.extensions = extensions(node);
  out.span = node.span;
  return out;
}

}  // namespace

std::vector<DeviceRequest> decode_device_requests(const doc::Node& node, std::string_view key) {
  std::vector<DeviceRequest> out;
  for (const doc::Node& item : items(node, key)) {
    out.push_back({texts(item, "capabilities"),
                   text(item, "driver"),
                   number(item, "count").value_or(Number{}).value,
                   texts(item, "device_ids"),
                   pairs(item, "options"),
                   item.span});
  }
  return out;
}

Deploy decode_deploy(const doc::Node& node) {
  Deploy out;
  out.mode = located_text(node, "mode");
  out.replicas = number(node, "replicas");
  out.labels = pairs(node, "labels");
  if (const doc::Node* update = node.find("update_config")) {
    out.update_config = decode_update_config(*update);
  }
  if (const doc::Node* rollback = node.find("rollback_config")) {
    out.rollback_config = decode_update_config(*rollback);
  }
  if (const doc::Node* resources = node.find("resources")) {
    if (const doc::Node* limits = resources->find("limits")) {
      out.limits = decode_resource_set(*limits);
    }
    if (const doc::Node* reservations = resources->find("reservations")) {
      out.reservations = decode_resource_set(*reservations);
    }
    out.resources_extensions = extensions(*resources);
  }
  if (const doc::Node* policy = node.find("restart_policy")) {
    out.restart_policy = decode_restart_policy(*policy);
  }
  if (const doc::Node* placement = node.find("placement")) {
    out.placement = decode_placement(*placement);
  }
  out.endpoint_mode = located_text(node, "endpoint_mode");
  out.extensions = extensions(node);
  out.span = node.span;
  return out;
}

}  // namespace compose
