#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compose/values.hpp"

namespace compose {

// A request for devices such as GPUs (`deploy.resources.reservations.devices`, `gpus`).
struct DeviceRequest {
  TextList capabilities;
  std::string driver;
  std::int64_t count = 0;  // -1: all
  TextList device_ids;
  Pairs options;
  diag::Span span;
};

struct GenericResource {
  std::string kind;
  std::int64_t value = 0;
  diag::Span span;
};

struct ResourceSet {
  std::optional<Cpus> cpus;
  std::optional<Bytes> memory;
  std::optional<Number> pids;
  std::vector<DeviceRequest> devices;
  std::vector<GenericResource> generic_resources;
  Extensions extensions;
  diag::Span span;
};

struct UpdateConfig {
  std::optional<Number> parallelism;
  std::optional<Duration> delay;
  std::optional<Text> failure_action;  // continue, rollback, pause
  std::optional<Duration> monitor;
  std::optional<diag::Located<double>> max_failure_ratio;
  std::optional<Text> order;  // start-first, stop-first
  Extensions extensions;      // x-aws-min_percent, x-aws-max_percent
  diag::Span span;
};

struct RestartPolicy {
  std::optional<Text> condition;  // none, on-failure, any
  std::optional<Duration> delay;
  std::optional<Number> max_attempts;
  std::optional<Duration> window;
  Extensions extensions;
  diag::Span span;
};

struct Placement {
  TextList constraints;
  TextList spread_preferences;
  std::optional<Number> max_replicas_per_node;
  Extensions extensions;
  diag::Span span;
};

struct Deploy {
  std::optional<Text> mode;
  std::optional<Number> replicas;
  Pairs labels;
  std::optional<UpdateConfig> update_config;
  std::optional<UpdateConfig> rollback_config;
  std::optional<ResourceSet> limits;
  std::optional<ResourceSet> reservations;
  Extensions resources_extensions;
  std::optional<RestartPolicy> restart_policy;
  std::optional<Placement> placement;
  std::optional<Text> endpoint_mode;
  Extensions extensions;  // x-aws-autoscaling
  diag::Span span;
};

}  // namespace compose
