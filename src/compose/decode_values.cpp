#include "compose/decode_values.hpp"

#include <charconv>
#include <utility>

#include "compose/units.hpp"

namespace compose {

std::string text(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::string* value = found == nullptr ? nullptr : found->as_string();
  return value == nullptr ? std::string() : *value;
}

std::optional<Text> located_text(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::string* value = found == nullptr ? nullptr : found->as_string();
  return value == nullptr ? std::nullopt : std::optional(Text{*value, found->span});
}

std::optional<Flag> flag(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const bool* value = found == nullptr ? nullptr : found->as_bool();
  return value == nullptr ? std::nullopt : std::optional(Flag{*value, found->span});
}

bool is_true(const doc::Node& node, std::string_view key) {
  const std::optional<Flag> value = flag(node, key);
  return value && value->value;
}

std::optional<Number> number(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const std::int64_t* value = found == nullptr ? nullptr : found->as_int();
  return value == nullptr ? std::nullopt : std::optional(Number{*value, found->span});
}

std::optional<diag::Located<double>> real(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (const double* value = found->as_double()) {
    return diag::Located<double>{*value, found->span};
  }
  const std::int64_t* value = found->as_int();
  return value == nullptr
             ? std::nullopt
             : std::optional(diag::Located<double>{static_cast<double>(*value), found->span});
}

std::optional<Bytes> bytes(const doc::Node& node, std::string_view key) {
  const std::optional<Text> value = located_text(node, key);
  if (!value) {
    return std::nullopt;
  }
  return Bytes{parse_bytes(value->value).value_or(0), value->span};
}

std::optional<Duration> duration(const doc::Node& node, std::string_view key) {
  const std::optional<Text> value = located_text(node, key);
  if (!value) {
    return std::nullopt;
  }
  return Duration{std::chrono::nanoseconds(parse_duration(value->value).value_or(0)), value->span};
}

std::span<const doc::Node> items(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const doc::Sequence* sequence = found == nullptr ? nullptr : found->as_sequence();
  return sequence == nullptr ? std::span<const doc::Node>{}
                             : std::span<const doc::Node>(sequence->items);
}

std::span<const doc::Entry> entries(const doc::Node& node, std::string_view key) {
  const doc::Node* found = node.find(key);
  const doc::Mapping* mapping = found == nullptr ? nullptr : found->as_mapping();
  return mapping == nullptr ? std::span<const doc::Entry>{}
                            : std::span<const doc::Entry>(mapping->entries);
}

TextList texts(const doc::Node& node, std::string_view key) {
  TextList out;
  for (const doc::Node& item : items(node, key)) {
    if (const std::string* value = item.as_string()) {
      out.push_back({*value, item.span});
    }
  }
  return out;
}

Pairs pairs(const doc::Node& node, std::string_view key) {
  Pairs out;
  for (const doc::Entry& entry : entries(node, key)) {
    const std::string* value = entry.value.as_string();
    out.push_back({entry.key.value, value == nullptr ? std::string() : *value, entry.key.span});
  }
  return out;
}

Variables variables(const doc::Node& node, std::string_view key) {
  Variables out;
  for (const doc::Entry& entry : entries(node, key)) {
    const std::string* value = entry.value.as_string();
    out.push_back(
        {entry.key.value, value == nullptr ? std::nullopt : std::optional(*value), entry.key.span});
  }
  return out;
}

Extensions extensions(const doc::Node& node) {
  Extensions out;
  if (const doc::Mapping* mapping = node.as_mapping()) {
    for (const doc::Entry& entry : mapping->entries) {
      if (entry.key.value.starts_with("x-")) {
        out.entries.push_back(entry);
      }
    }
  }
  return out;
}

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
