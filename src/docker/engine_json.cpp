#include "docker/engine_json.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "doc/json_writer.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace docker {
namespace {

using doc::Mapping;
using doc::Node;

Node strings(const std::vector<std::string>& values) {
  doc::Sequence out;
  for (const std::string& value : values) {
    out.items.emplace_back(value);
  }
  return Node{std::move(out)};
}

Node string_map(const Labels& values) {
  Mapping out;
  for (const auto& [key, value] : values) {
    out.set(key, Node{value});
  }
  return Node{std::move(out)};
}

std::string text_at(const Node* node) {
  const std::string* text = node == nullptr ? nullptr : node->as_string();
  return text == nullptr ? std::string() : *text;
}

std::string text_at(const Node& node, std::string_view key) {
  return text_at(node.find(key));
}

std::int64_t number_at(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const std::int64_t* number = at == nullptr ? nullptr : at->as_int();
  return number == nullptr ? 0 : *number;
}

bool flag_at(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const bool* flag = at == nullptr ? nullptr : at->as_bool();
  return flag != nullptr && *flag;
}

std::vector<std::string> strings_at(const Node& node, std::string_view key) {
  std::vector<std::string> out;
  const Node* at = node.find(key);
  if (const doc::Sequence* items = at == nullptr ? nullptr : at->as_sequence()) {
    for (const Node& item : items->items) {
      out.push_back(text_at(&item));
    }
  }
  return out;
}

Labels labels_at(const Node& node, std::string_view key) {
  Labels out;
  const Node* at = node.find(key);
  if (const Mapping* entries = at == nullptr ? nullptr : at->as_mapping()) {
    for (const doc::Entry& entry : entries->entries) {
      out[entry.key.value] = text_at(&entry.value);
    }
  }
  return out;
}

ContainerStatus status_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, ContainerStatus>, 7> kNames{{
      {"created", ContainerStatus::created},
      {"running", ContainerStatus::running},
      {"paused", ContainerStatus::paused},
      {"restarting", ContainerStatus::restarting},
      {"removing", ContainerStatus::removing},
      {"exited", ContainerStatus::exited},
      {"dead", ContainerStatus::dead},
  }};
  const auto* at = std::find_if(
      kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == name; });
  return at == kNames.end() ? ContainerStatus::exited : at->second;
}

Health health_named(std::string_view name) {
  return name == "healthy"     ? Health::healthy
         : name == "unhealthy" ? Health::unhealthy
         : name == "starting"  ? Health::starting
                               : Health::none;
}

void read_networks(const Node& node, Container& out) {
  const Node* settings = node.find("NetworkSettings");
  const Node* networks = settings == nullptr ? nullptr : settings->find("Networks");
  const Mapping* entries = networks == nullptr ? nullptr : networks->as_mapping();
  if (entries == nullptr) {
    return;
  }
  for (const doc::Entry& entry : entries->entries) {
    if (const std::string address = text_at(entry.value, "IPAddress"); !address.empty()) {
      out.addresses[entry.key.value] = address;
      out.macs[entry.key.value] = text_at(entry.value, "MacAddress");
    }
  }
}

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

Node health_body(const HealthConfig& health) {
  Mapping out;
  out.set("Test", strings(health.test));
  out.set("Interval", Node{std::int64_t{health.interval.count()} * kNanosPerSecond});
  out.set("Timeout", Node{std::int64_t{health.timeout.count()} * kNanosPerSecond});
  out.set("StartPeriod", Node{std::int64_t{health.start_period.count()} * kNanosPerSecond});
  out.set("Retries", Node{health.retries});
  return Node{std::move(out)};
}

void set_unless_zero(Mapping& out, std::string_view key, std::int64_t value) {
  if (value != 0) {
    out.set(key, Node{value});
  }
}

Node mounts_body(const std::vector<Mount>& mounts) {
  doc::Sequence out;
  for (const Mount& mount : mounts) {
    const char* kind = mount.kind == Mount::Kind::bind ? "bind" : "volume";
    Mapping entry;
    entry.set("Type", Node{kind});
    if (!mount.source.empty()) {
      entry.set("Source", Node{mount.source});
    }
    entry.set("Target", Node{mount.target});
    entry.set("ReadOnly", Node{mount.read_only});
    if (mount.kind == Mount::Kind::volume && mount.no_copy) {
      entry.set("VolumeOptions", doc::map({{"NoCopy", Node{true}}}));
    }
    out.items.emplace_back(std::move(entry));
  }
  return Node{std::move(out)};
}

Node ulimits_body(const std::vector<Ulimit>& ulimits) {
  doc::Sequence out;
  for (const Ulimit& limit : ulimits) {
    out.items.push_back(doc::map(
        {{"Name", Node{limit.name}}, {"Soft", Node{limit.soft}}, {"Hard", Node{limit.hard}}}));
  }
  return Node{std::move(out)};
}

void set_unless_empty(Mapping& out, std::string_view key, const std::string& value) {
  if (!value.empty()) {
    out.set(key, Node{value});
  }
}

void set_unless_empty(Mapping& out, std::string_view key, const std::vector<std::string>& value) {
  if (!value.empty()) {
    out.set(key, strings(value));
  }
}

Node host_config(const ContainerSpec& spec) {
  Mapping out;
  set_unless_empty(out, "NetworkMode", spec.network);
  set_unless_empty(out, "PidMode", spec.pid_mode);
  out.set("RestartPolicy", doc::map({{"Name", Node{"no"}}}));
  set_unless_zero(out, "NanoCpus", spec.nano_cpus);
  set_unless_zero(out, "CpuShares", spec.cpu_shares);
  set_unless_zero(out, "Memory", spec.memory_bytes);
  set_unless_zero(out, "MemoryReservation", spec.memory_reservation_bytes);
  set_unless_zero(out, "ShmSize", spec.shm_bytes);
  set_unless_empty(out, "DnsSearch", spec.dns_search);
  set_unless_empty(out, "ExtraHosts", spec.extra_hosts);
  set_unless_empty(out, "CapAdd", spec.capabilities_add);
  set_unless_empty(out, "CapDrop", spec.capabilities_drop);
  set_unless_empty(out, "SecurityOpt", spec.security_options);
  if (!spec.ulimits.empty()) {
    out.set("Ulimits", ulimits_body(spec.ulimits));
  }
  if (!spec.mounts.empty()) {
    out.set("Mounts", mounts_body(spec.mounts));
  }
  if (!spec.tmpfs.empty()) {
    out.set("Tmpfs", string_map(spec.tmpfs));
  }
  if (!spec.sysctls.empty()) {
    out.set("Sysctls", string_map(spec.sysctls));
  }
  out.set("Init", Node{spec.init});
  out.set("ReadonlyRootfs", Node{spec.read_only_root});
  out.set("Privileged", Node{spec.privileged});
  if (!spec.log_driver.empty()) {
    out.set("LogConfig",
            doc::map({{"Type", Node{spec.log_driver}}, {"Config", string_map(spec.log_options)}}));
  }
  return Node{std::move(out)};
}

bool is_named_network(std::string_view network) {
  return !network.empty() && !network.starts_with("container:") && network != "none" &&
         network != "host" && network != "bridge";
}

}  // namespace

Node create_body(const ContainerSpec& spec) {
  Mapping out;
  out.set("Image", Node{spec.image});
  if (spec.entrypoint) {
    out.set("Entrypoint", strings(*spec.entrypoint));
  }
  set_unless_empty(out, "Cmd", spec.command);
  set_unless_empty(out, "Env", spec.environment);
  set_unless_empty(out, "WorkingDir", spec.working_directory);
  set_unless_empty(out, "User", spec.user);
  set_unless_empty(out, "Hostname", spec.hostname);
  set_unless_empty(out, "StopSignal", spec.stop_signal);
  out.set("StopTimeout", Node{std::int64_t{spec.stop_timeout.count()}});
  out.set("OpenStdin", Node{spec.interactive});
  out.set("Tty", Node{spec.terminal});
  if (spec.health) {
    out.set("Healthcheck", health_body(*spec.health));
  }
  out.set("Labels", string_map(spec.labels));
  out.set("HostConfig", host_config(spec));
  if (is_named_network(spec.network)) {
    Mapping endpoint;
    set_unless_empty(endpoint, "Aliases", spec.network_aliases);
    Mapping endpoints;
    endpoints.set(spec.network, Node{std::move(endpoint)});
    out.set("NetworkingConfig", doc::map({{"EndpointsConfig", Node{std::move(endpoints)}}}));
  }
  return Node{std::move(out)};
}

Node network_body(const NetworkSpec& spec) {
  Mapping out;
  out.set("Name", Node{spec.name});
  out.set("CheckDuplicate", Node{true});
  out.set("Driver", Node{"bridge"});
  out.set("Labels", string_map(spec.labels));
  if (!spec.subnet.empty()) {
    out.set("IPAM",
            doc::map({{"Driver", Node{"default"}},
                      {"Config", doc::list({doc::map({{"Subnet", Node{spec.subnet}}})})}}));
  }
  return Node{std::move(out)};
}

std::string registry_auth(const RegistryCredentials& credentials) {
  return util::base64url(doc::to_json(doc::map({{"username", Node{credentials.username}},
                                                {"password", Node{credentials.password}},
                                                {"serveraddress", Node{credentials.server}}})));
}

Container container_from_inspect(const Node& node) {
  Container out;
  out.id = text_at(node, "Id");
  const std::string name = text_at(node, "Name");
  out.name = name.starts_with('/') ? name.substr(1) : name;
  out.image_id = text_at(node, "Image");
  if (const Node* state = node.find("State")) {
    out.status = status_named(text_at(*state, "Status"));
    out.exit_code = number_at(*state, "ExitCode");
    out.oom_killed = flag_at(*state, "OOMKilled");
    out.error = text_at(*state, "Error");
    out.started_at = text_at(*state, "StartedAt");
    out.finished_at = text_at(*state, "FinishedAt");
    if (const Node* health = state->find("Health"); health != nullptr && !health->is_null()) {
      out.health = health_named(text_at(*health, "Status"));
    }
  }
  if (const Node* config = node.find("Config")) {
    out.labels = labels_at(*config, "Labels");
    out.terminal = flag_at(*config, "Tty");
  }
  read_networks(node, out);
  return out;
}

Container container_from_list(const Node& node) {
  Container out;
  out.id = text_at(node, "Id");
  const std::vector<std::string> names = strings_at(node, "Names");
  if (!names.empty()) {
    out.name = names.front().starts_with('/') ? names.front().substr(1) : names.front();
  }
  out.image_id = text_at(node, "ImageID");
  out.status = status_named(text_at(node, "State"));
  out.labels = labels_at(node, "Labels");
  read_networks(node, out);
  // "Up 3 minutes (healthy)", "Exited (137) 2 seconds ago"
  const std::string status = text_at(node, "Status");
  if (status.find("(healthy)") != std::string::npos) {
    out.health = Health::healthy;
  } else if (status.find("(unhealthy)") != std::string::npos) {
    out.health = Health::unhealthy;
  } else if (status.find("(health: starting)") != std::string::npos) {
    out.health = Health::starting;
  }
  if (status.starts_with("Exited (")) {
    const std::string_view code = std::string_view(status).substr(8, status.find(')') - 8);
    out.exit_code = util::parse_int(code).value_or(0);
  }
  return out;
}

ImageConfig image_from_inspect(const Node& node) {
  ImageConfig out;
  out.id = text_at(node, "Id");
  out.repo_digests = strings_at(node, "RepoDigests");
  const Node* config = node.find("Config");
  if (config == nullptr) {
    return out;
  }
  out.entrypoint = strings_at(*config, "Entrypoint");
  out.command = strings_at(*config, "Cmd");
  out.environment = strings_at(*config, "Env");
  if (const Node* health = config->find("Healthcheck"); health != nullptr && !health->is_null()) {
    HealthConfig check;
    check.test = strings_at(*health, "Test");
    check.interval = std::chrono::seconds{number_at(*health, "Interval") / kNanosPerSecond};
    check.timeout = std::chrono::seconds{number_at(*health, "Timeout") / kNanosPerSecond};
    check.start_period = std::chrono::seconds{number_at(*health, "StartPeriod") / kNanosPerSecond};
    check.retries = number_at(*health, "Retries");
    out.health = std::move(check);
  }
  return out;
}

Network network_from_list(const Node& node) {
  Network out;
  out.id = text_at(node, "Id");
  out.name = text_at(node, "Name");
  out.labels = labels_at(node, "Labels");
  const Node* ipam = node.find("IPAM");
  const Node* config = ipam == nullptr ? nullptr : ipam->find("Config");
  const doc::Sequence* items = config == nullptr ? nullptr : config->as_sequence();
  if (items != nullptr && !items->items.empty()) {
    out.subnet = text_at(items->items.front(), "Subnet");
    out.gateway = text_at(items->items.front(), "Gateway");
  }
  return out;
}

Volume volume_from_list(const Node& node) {
  return {text_at(node, "Name"), labels_at(node, "Labels")};
}

Event event_from(const Node& node) {
  Event out;
  out.action = text_at(node, "Action");
  out.time_nanos = number_at(node, "timeNano");
  if (const Node* actor = node.find("Actor")) {
    out.id = text_at(*actor, "ID");
    out.attributes = labels_at(*actor, "Attributes");
  }
  return out;
}

ImageReference split_reference(std::string_view reference) {
  if (const std::size_t at = reference.find('@'); at != std::string_view::npos) {
    return {std::string(reference.substr(0, at)), std::string(reference.substr(at + 1))};
  }
  const std::size_t slash = reference.rfind('/');
  const std::size_t colon = reference.rfind(':');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash)) {
    return {std::string(reference), "latest"};
  }
  return {std::string(reference.substr(0, colon)), std::string(reference.substr(colon + 1))};
}

}  // namespace docker
