#pragma once

#include <optional>
#include <string>
#include <variant>

#include "compose/values.hpp"

namespace compose {

struct BindMount {
  Text source;  // absolute path on the host
  std::string propagation;
  std::string selinux;  // z, Z
  std::string recursive;
  bool create_host_path = true;
};

// Without a source: an anonymous volume.
struct VolumeMount {
  std::optional<Text> source;  // a key of Project::volumes
  bool no_copy = false;
  std::string subpath;
  Pairs labels;
};

struct TmpfsMount {
  std::optional<Bytes> size;
  std::optional<Number> mode;  // permission bits
};

struct ImageMount {
  Text source;
  std::string subpath;
};

// npipe and cluster mounts: they exist in the language only.
struct OtherMount {
  Text type;
  std::string source;
};

// One entry of a service's `volumes`.
struct Mount {
  std::string target;
  bool read_only = false;
  std::string consistency;
  std::variant<BindMount, VolumeMount, TmpfsMount, ImageMount, OtherMount> source;
  Extensions extensions;
  diag::Span span;
};

}  // namespace compose
