#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compose/values.hpp"

// The top-level resources that services refer to.
namespace compose {

struct IpamPool {
  std::string subnet;
  std::string gateway;
  std::string ip_range;
  Pairs aux_addresses;
  diag::Span span;
};

struct Network {
  std::string key;   // as services name it
  std::string name;  // as the platform names it: `name:`, else <project>_<key>
  std::optional<Text> driver;
  Pairs driver_opts;
  std::optional<Text> ipam_driver;
  std::vector<IpamPool> ipam_pools;
  Pairs ipam_options;
  bool external = false;
  std::optional<Flag> internal;
  std::optional<Flag> attachable;
  std::optional<Flag> enable_ipv4;
  std::optional<Flag> enable_ipv6;
  Pairs labels;
  Extensions extensions;
  diag::Span span;
};

struct Volume {
  std::string key;
  std::string name;
  std::optional<Text> driver;
  Pairs driver_opts;
  bool external = false;
  Pairs labels;
  Extensions extensions;
  diag::Span span;
};

// A top-level secret or config. Exactly one of file, environment, content or external says where
// its content comes from.
struct FileObject {
  std::string key;
  std::string name;
  std::optional<Text> file;         // absolute path
  std::optional<Text> environment;  // name of the variable
  // From `content:`, or from the variable. Of a secret it must never be printed.
  std::optional<Text> content;
  bool external = false;
  Pairs labels;
  std::optional<Text> driver;
  Pairs driver_opts;
  std::optional<Text> template_driver;
  Extensions extensions;  // x-aws-keys
  diag::Span span;
};

struct Model {
  std::string key;
  std::string name;
  std::string model;
  std::optional<Number> context_size;
  TextList runtime_flags;
  Extensions extensions;
  diag::Span span;
};

}  // namespace compose
