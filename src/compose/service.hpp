#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/deploy.hpp"
#include "compose/mount.hpp"
#include "compose/values.hpp"

namespace compose {

struct Port {
  std::string name;
  std::string mode = "ingress";  // ingress, host
  std::string host_ip;
  std::uint32_t target = 0;
  std::string published;         // empty, "8080" or "8000-8010"
  std::string protocol = "tcp";  // tcp, udp, sctp
  std::string app_protocol;
  Extensions extensions;  // x-aws-protocol
};

struct HealthCheck {
  // ["CMD", …], ["CMD-SHELL", text] or ["NONE"]; absent when only the times were given.
  std::optional<TextList> test;
  std::optional<Duration> interval;
  std::optional<Duration> timeout;
  std::optional<Duration> start_period;
  std::optional<Duration> start_interval;
  std::optional<Number> retries;
  bool disable = false;
  Extensions extensions;
  diag::Span span;
};

enum class Condition { started, healthy, completed_successfully };

struct Dependency {
  std::string service;
  Condition condition = Condition::started;
  bool restart = false;
  bool required = true;
  diag::Span span;
  // Made by `links`, `volumes_from` or a shared namespace, not written under `depends_on`.
  bool implicit = false;
};

struct Logging {
  std::optional<Text> driver;
  Pairs options;
  Extensions extensions;
  diag::Span span;
};

// A service on a network.
struct Attachment {
  std::string network;  // a key of Project::networks
  TextList aliases;
  Pairs driver_opts;
  std::string ipv4_address;
  std::string ipv6_address;
  TextList link_local_ips;
  std::string mac_address;
  std::string interface_name;
  std::int64_t priority = 0;
  std::int64_t gateway_priority = 0;
  Extensions extensions;
  diag::Span span;
};

// A service's use of a top-level secret or config.
struct FileReference {
  Text source;         // a key of Project::secrets or Project::configs
  std::string target;  // secrets: /run/secrets/<source> unless given; configs: may be empty
  std::string uid;
  std::string gid;
  std::optional<Number> mode;  // permission bits
  Extensions extensions;
  diag::Span span;
};

struct Ulimit {
  std::string name;
  std::int64_t soft = 0;
  std::int64_t hard = 0;
  diag::Span span;
};

struct ExtraHost {
  std::string name;
  std::vector<std::string> addresses;
  diag::Span span;
};

struct Build {
  std::string context;  // absolute path or URL
  std::string dockerfile;
  std::string dockerfile_inline;
  Variables args;
  std::string target;
  std::vector<std::string> platforms;
  std::vector<std::string> tags;
  Pairs labels;
  doc::Node model;  // the whole resolved `build` mapping, for whoever runs a builder
  diag::Span span;
};

struct Device {
  std::string source;
  std::string target;
  std::string permissions;
  diag::Span span;
};

// An attribute that was written (or inherited), by its path below the service:
// "healthcheck.interval", "ports", "ports.name". Members of sequences share one path; keys of free
// mappings (environment, labels) are not listed.
using Attribute = diag::Located<std::string>;

struct Service {
  std::string name;
  diag::Span span;  // of its key

  std::optional<Text> image;
  std::optional<Build> build;
  std::optional<Text> platform;  // "linux/arm64"
  std::optional<Text> pull_policy;

  // Absent: the image's own. Empty: the image's own is cleared.
  std::optional<TextList> entrypoint;
  std::optional<TextList> command;
  std::optional<Text> user;
  std::optional<Text> working_dir;
  std::optional<Flag> init;
  std::optional<Flag> tty;
  std::optional<Flag> stdin_open;
  std::optional<Flag> read_only;
  std::optional<Flag> privileged;

  Variables environment;  // env_file already merged in
  Pairs labels;           // label_file already merged in
  Pairs annotations;

  std::vector<diag::Located<Port>> ports;
  TextList expose;
  std::vector<Attachment> networks;  // sorted by network; empty with network_mode
  std::optional<Text> network_mode;
  TextList links;
  std::optional<Text> hostname;
  std::optional<Text> container_name;
  TextList dns;
  TextList dns_opt;
  TextList dns_search;
  std::vector<ExtraHost> extra_hosts;

  std::vector<Mount> mounts;  // `volumes`
  TextList tmpfs;             // "/path[:options]"
  std::vector<FileReference> secrets;
  std::vector<FileReference> configs;

  std::vector<Dependency> depends_on;  // sorted by service
  std::optional<HealthCheck> healthcheck;
  std::optional<Text> restart;
  std::optional<Deploy> deploy;
  std::optional<Number> scale;

  std::optional<Cpus> cpus;
  std::optional<Bytes> mem_limit;
  std::optional<Bytes> mem_reservation;
  std::optional<Bytes> memswap_limit;
  std::optional<Number> mem_swappiness;
  std::optional<Number> cpu_shares;
  std::optional<Number> pids_limit;
  std::optional<Bytes> shm_size;
  std::vector<Ulimit> ulimits;
  TextList cap_add;
  TextList cap_drop;
  Pairs sysctls;
  std::vector<Device> devices;
  std::vector<DeviceRequest> gpus;
  TextList security_opt;

  std::optional<Duration> stop_grace_period;
  std::optional<Text> stop_signal;
  std::optional<Logging> logging;

  TextList profiles;
  Extensions extensions;              // x-aws-pull_credentials, x-aws-role, x-aws-policies …
  std::vector<Attribute> attributes;  // everything that was written, also what has no member above

  // How many containers: `scale`, else `deploy.replicas`, else 1.
  [[nodiscard]] std::int64_t replicas() const;
  // Where the attribute was written; nothing when it was not.
  [[nodiscard]] std::optional<diag::Span> span_of(std::string_view attribute) const;
};

}  // namespace compose
