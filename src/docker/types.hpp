#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "util/result.hpp"

// The parts of Docker Engine's API that this project uses, as plain values. Names follow the Engine
// API's own.
namespace docker {

enum class ErrorKind : std::uint8_t {
  unreachable,   // no engine answers at the address
  not_found,     // 404: no such container, image, network
  conflict,      // 409: the name is taken, the container is not running
  bad_request,   // 400
  unauthorized,  // a registry refused the credentials
  server,        // 5xx
  cancelled,     // we gave up: cancellation or time limit
  protocol,      // the answer could not be understood
};

struct Error {
  ErrorKind kind = ErrorKind::server;
  int status = 0;       // HTTP status; 0 when there was no answer
  std::string message;  // Docker's own words
};

template <class T>
using Result = util::Result<T, Error>;

using Labels = std::map<std::string, std::string, std::less<>>;

struct Version {
  std::string version;          // "20.10.24+dfsg1"
  std::string api_version;      // what the engine speaks: "1.41"
  std::string min_api_version;  // "1.12"
  std::string os;
  std::string arch;
};

struct Info {
  std::int64_t cpus = 0;
  std::int64_t memory_bytes = 0;
  std::string
      operating_system;  // "Docker Desktop" tells that container addresses are not reachable
  std::string driver;
  std::vector<std::string> security_options;  // "name=rootless"
};

struct Ulimit {
  std::string name;
  std::int64_t soft = 0;
  std::int64_t hard = 0;
};

struct HealthConfig {
  std::vector<std::string>
      test;  // {"CMD-SHELL", "..."}; empty = inherit from the image, {"NONE"} = none
  std::chrono::seconds interval{0};
  std::chrono::seconds timeout{0};
  std::chrono::seconds start_period{0};
  std::int64_t retries = 0;
};

struct ImageConfig {
  std::string id;  // "sha256:..."
  std::vector<std::string> repo_digests;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::vector<std::string> environment;  // "NAME=value"
  std::optional<HealthConfig> health;
};

struct Mount {
  enum class Kind : std::uint8_t { bind, volume };
  Kind kind = Kind::volume;
  std::string source;  // host path or volume name; empty for anonymous volumes
  std::string target;
  bool read_only = false;
  bool no_copy = false;  // an empty volume is not filled with what the image has at `target`
};

struct ContainerSpec {
  std::string name;
  std::string image;
  std::optional<std::vector<std::string>> entrypoint;  // nothing = the image's
  std::vector<std::string> command;                    // empty = the image's
  std::vector<std::string> environment;                // "NAME=value"
  std::string working_directory;
  std::string user;
  std::string hostname;
  std::string stop_signal;
  std::chrono::seconds stop_timeout{10};
  bool interactive = false;
  bool terminal = false;
  std::optional<HealthConfig> health;
  Labels labels;

  std::string network;                       // a network's name, "none", or "container:<id>"
  std::string pid_mode;                      // "container:<id>"; empty = processes of its own
  std::vector<std::string> network_aliases;  // on `network`
  std::vector<std::string> dns_search;
  std::vector<std::string> extra_hosts;  // "name:address"
  std::int64_t nano_cpus = 0;            // 0 = no limit
  std::int64_t cpu_shares = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t memory_reservation_bytes = 0;
  std::int64_t shm_bytes = 0;
  std::vector<Ulimit> ulimits;
  std::vector<Mount> mounts;
  std::map<std::string, std::string, std::less<>> tmpfs;  // path -> "rw,size=64m,mode=1777"
  std::vector<std::string> capabilities_add;
  std::vector<std::string> capabilities_drop;
  std::map<std::string, std::string, std::less<>> sysctls;
  std::vector<std::string> security_options;
  bool init = false;
  bool read_only_root = false;
  bool privileged = false;
  std::string log_driver;  // empty = the engine's default
  std::map<std::string, std::string, std::less<>> log_options;
};

enum class ContainerStatus : std::uint8_t {
  created,
  running,
  paused,
  restarting,
  removing,
  exited,
  dead
};
enum class Health : std::uint8_t { none, starting, healthy, unhealthy };

struct Container {
  std::string id;
  std::string name;  // without the leading slash
  std::string image_id;
  ContainerStatus status = ContainerStatus::created;
  std::int64_t exit_code = 0;
  bool oom_killed = false;
  std::string error;  // why it could not start
  Health health = Health::none;
  std::string started_at;  // RFC 3339, as Docker writes it; "0001-01-01T00:00:00Z" = never
  std::string finished_at;
  Labels labels;
  std::map<std::string, std::string, std::less<>>
      addresses;  // network name -> IPv4 address, when attached
  std::map<std::string, std::string, std::less<>> macs;
  bool terminal = false;
};

struct Volume {
  std::string name;
  Labels labels;
};

struct NetworkSpec {
  std::string name;
  std::string subnet;  // "10.213.4.0/24"; empty = the engine's choice
  Labels labels;
};

struct Network {
  std::string id;
  std::string name;
  std::string subnet;  // of the first IPAM configuration; empty when it has none
  std::string gateway;
  Labels labels;
};

struct RegistryCredentials {
  std::string username;
  std::string password;
  std::string server;  // "localhost:5056"; empty = Docker Hub
};

struct ExecResult {
  int exit_code = 0;
  std::string output;  // stdout and stderr, in order; at most 64 KiB
};

// An event of the engine that concerns a container.
struct Event {
  std::string action;  // "start", "die", "oom", "destroy", "health_status: healthy", ...
  std::string id;      // of the container
  std::int64_t time_nanos = 0;
  Labels attributes;  // labels, "image", "name", "exitCode"
};

enum class OutputStream : std::uint8_t { out, err };

struct LogChunk {
  OutputStream stream = OutputStream::out;
  std::string timestamp;  // RFC 3339 with nanoseconds
  std::string text;       // a line; with its newline unless `partial`
};

}  // namespace docker
