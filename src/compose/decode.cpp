#include "compose/decode.hpp"

#include <charconv>
#include <utility>

#include "compose/bind.hpp"
#include "compose/decode_deploy.hpp"
#include "compose/decode_values.hpp"

namespace compose {
namespace {

Port decode_port(const doc::Node& node) {
  Port out;
  out.name = text(node, "name");
  if (const std::string mode = text(node, "mode"); !mode.empty()) {
    out.mode = mode;
  }
  out.host_ip = text(node, "host_ip");
  if (const std::optional<Number> target = number(node, "target")) {
    out.target = static_cast<std::uint32_t>(target->value);
  }
  out.published = text(node, "published");
  if (const std::string protocol = text(node, "protocol"); !protocol.empty()) {
    out.protocol = protocol;
  }
  out.app_protocol = text(node, "app_protocol");
  out.extensions = extensions(node);
  return out;
}

HealthCheck decode_health_check(const doc::Node& node) {
  HealthCheck out;
  if (node.find("test") != nullptr) {
    out.test = texts(node, "test");
  }
  out.interval = duration(node, "interval");
  out.timeout = duration(node, "timeout");
  out.start_period = duration(node, "start_period");
  out.start_interval = duration(node, "start_interval");
  out.retries = number(node, "retries");
  out.disable = is_true(node, "disable");
  out.extensions = extensions(node);
  out.span = node.span;
  return out;
}

Dependency decode_dependency(const doc::Entry& entry) {
  Dependency out;
  out.service = entry.key.value;
  const std::string condition = text(entry.value, "condition");
  if (condition == "service_healthy") {
    out.condition = Condition::healthy;
  } else if (condition == "service_completed_successfully") {
    out.condition = Condition::completed_successfully;
  }
  out.restart = is_true(entry.value, "restart");
  const doc::Node* required = entry.value.find("required");
  out.required = required == nullptr || required->as_bool() == nullptr || *required->as_bool();
  out.span = entry.key.span;
  out.implicit = entry.value.tag == "!implicit";
  return out;
}

Logging decode_logging(const doc::Node& node) {
  return {located_text(node, "driver"), pairs(node, "options"), extensions(node), node.span};
}

Attachment decode_attachment(const doc::Entry& entry) {
  Attachment out;
  const doc::Node& node = entry.value;
  out.network = entry.key.value;
  out.aliases = texts(node, "aliases");
  out.driver_opts = pairs(node, "driver_opts");
  out.ipv4_address = text(node, "ipv4_address");
  out.ipv6_address = text(node, "ipv6_address");
  out.link_local_ips = texts(node, "link_local_ips");
  out.mac_address = text(node, "mac_address");
  out.interface_name = text(node, "interface_name");
  out.priority = number(node, "priority").value_or(Number{}).value;
  out.gateway_priority = number(node, "gw_priority").value_or(Number{}).value;
  out.extensions = extensions(node);
  out.span = entry.key.span;
  return out;
}

FileReference decode_file_reference(const doc::Node& node) {
  FileReference out;
  out.source = located_text(node, "source").value_or(Text{{}, node.span});
  out.target = text(node, "target");
  out.uid = text(node, "uid");
  out.gid = text(node, "gid");
  if (const std::optional<Text> mode = located_text(node, "mode")) {
    std::int64_t bits = 0;
    std::from_chars(mode->value.data(), mode->value.data() + mode->value.size(), bits, 8);
    out.mode = Number{bits, mode->span};
  }
  out.extensions = extensions(node);
  out.span = node.span;
  return out;
}

Ulimit decode_ulimit(const doc::Entry& entry) {
  if (const std::int64_t* both = entry.value.as_int()) {
    return {entry.key.value, *both, *both, entry.key.span};
  }
  return {entry.key.value,
          number(entry.value, "soft").value_or(Number{}).value,
          number(entry.value, "hard").value_or(Number{}).value,
          entry.key.span};
}

std::vector<ExtraHost> decode_extra_hosts(const doc::Node& service) {
  std::vector<ExtraHost> out;
  for (const Text& host : texts(service, "extra_hosts")) {
    const std::size_t equals = host.value.find('=');
    std::string name = host.value.substr(0, equals);
    if (out.empty() || out.back().name != name) {
      out.push_back({std::move(name), {}, host.span});
    }
    out.back().addresses.push_back(host.value.substr(equals + 1));
  }
  return out;
}

Mount decode_mount(const doc::Node& node) {
  Mount out;
  out.target = text(node, "target");
  out.read_only = is_true(node, "read_only");
  out.consistency = text(node, "consistency");
  out.extensions = extensions(node);
  out.span = node.span;
  const std::string type = text(node, "type");
  const std::optional<Text> source = located_text(node, "source");
  static const doc::Node kNothing{doc::Mapping{}};
  const auto part = [&](std::string_view key) -> const doc::Node& {
    const doc::Node* found = node.find(key);
    return found == nullptr ? kNothing : *found;
  };
  if (type == "bind") {
    const doc::Node& bind = part("bind");
    const doc::Node* create = bind.find("create_host_path");
    out.source = BindMount{source.value_or(Text{}),
                           text(bind, "propagation"),
                           text(bind, "selinux"),
                           text(bind, "recursive"),
                           create == nullptr || create->as_bool() == nullptr || *create->as_bool()};
  } else if (type == "volume") {
    const doc::Node& volume = part("volume");
    out.source = VolumeMount{
        source, is_true(volume, "nocopy"), text(volume, "subpath"), pairs(volume, "labels")};
  } else if (type == "tmpfs") {
    out.source = TmpfsMount{bytes(part("tmpfs"), "size"), number(part("tmpfs"), "mode")};
  } else if (type == "image") {
    out.source = ImageMount{source.value_or(Text{}), text(part("image"), "subpath")};
  } else {
    out.source =
        OtherMount{located_text(node, "type").value_or(Text{}), source.value_or(Text{}).value};
  }
  return out;
}

Build decode_build(const doc::Node& node) {
  Build out;
  out.context = text(node, "context");
  out.dockerfile = text(node, "dockerfile");
  out.dockerfile_inline = text(node, "dockerfile_inline");
  out.args = variables(node, "args");
  out.target = text(node, "target");
  for (Text& platform : texts(node, "platforms")) {
    out.platforms.push_back(std::move(platform.value));
  }
  for (Text& tag : texts(node, "tags")) {
    out.tags.push_back(std::move(tag.value));
  }
  out.labels = pairs(node, "labels");
  out.model = node;
  out.span = node.span;
  return out;
}

void decode_image(Service& out, const doc::Node& node) {
  out.image = located_text(node, "image");
  if (const doc::Node* build = node.find("build")) {
    out.build = decode_build(*build);
  }
  out.platform = located_text(node, "platform");
  out.pull_policy = located_text(node, "pull_policy");
}

void decode_process(Service& out, const doc::Node& node) {
  if (node.find("entrypoint") != nullptr) {
    out.entrypoint = texts(node, "entrypoint");
  }
  if (node.find("command") != nullptr) {
    out.command = texts(node, "command");
  }
  out.user = located_text(node, "user");
  out.working_dir = located_text(node, "working_dir");
  out.init = flag(node, "init");
  out.tty = flag(node, "tty");
  out.stdin_open = flag(node, "stdin_open");
  out.read_only = flag(node, "read_only");
  out.privileged = flag(node, "privileged");
  out.environment = variables(node, "environment");
  out.labels = pairs(node, "labels");
  out.annotations = pairs(node, "annotations");
  out.stop_grace_period = duration(node, "stop_grace_period");
  out.stop_signal = located_text(node, "stop_signal");
}

void decode_network(Service& out, const doc::Node& node) {
  for (const doc::Node& port : items(node, "ports")) {
    out.ports.push_back({decode_port(port), port.span});
  }
  out.expose = texts(node, "expose");
  for (const doc::Entry& network : entries(node, "networks")) {
    out.networks.push_back(decode_attachment(network));
  }
  out.network_mode = located_text(node, "network_mode");
  out.links = texts(node, "links");
  out.hostname = located_text(node, "hostname");
  out.container_name = located_text(node, "container_name");
  out.dns = texts(node, "dns");
  out.dns_opt = texts(node, "dns_opt");
  out.dns_search = texts(node, "dns_search");
  out.extra_hosts = decode_extra_hosts(node);
}

void decode_storage(Service& out, const doc::Node& node) {
  for (const doc::Node& mount : items(node, "volumes")) {
    out.mounts.push_back(decode_mount(mount));
  }
  out.tmpfs = texts(node, "tmpfs");
  for (const doc::Node& secret : items(node, "secrets")) {
    out.secrets.push_back(decode_file_reference(secret));
  }
  for (const doc::Node& config : items(node, "configs")) {
    out.configs.push_back(decode_file_reference(config));
  }
}

void decode_limits(Service& out, const doc::Node& node) {
  out.cpus = real(node, "cpus");
  out.mem_limit = bytes(node, "mem_limit");
  out.mem_reservation = bytes(node, "mem_reservation");
  out.memswap_limit = bytes(node, "memswap_limit");
  out.mem_swappiness = bytes(node, "mem_swappiness");
  out.cpu_shares = number(node, "cpu_shares");
  out.pids_limit = number(node, "pids_limit");
  out.shm_size = bytes(node, "shm_size");
  for (const doc::Entry& limit : entries(node, "ulimits")) {
    out.ulimits.push_back(decode_ulimit(limit));
  }
  out.cap_add = texts(node, "cap_add");
  out.cap_drop = texts(node, "cap_drop");
  out.sysctls = pairs(node, "sysctls");
  for (const doc::Node& device : items(node, "devices")) {
    out.devices.push_back(
        {text(device, "source"), text(device, "target"), text(device, "permissions"), device.span});
  }
  out.gpus = decode_device_requests(node, "gpus");
  out.security_opt = texts(node, "security_opt");
}

Service decode_service(const doc::Entry& entry) {
  Service out;
  const doc::Node& node = entry.value;
  out.name = entry.key.value;
  out.span = entry.key.span;
  decode_image(out, node);
  decode_process(out, node);
  decode_network(out, node);
  decode_storage(out, node);
  decode_limits(out, node);
  for (const doc::Entry& dependency : entries(node, "depends_on")) {
    out.depends_on.push_back(decode_dependency(dependency));
  }
  if (const doc::Node* check = node.find("healthcheck")) {
    out.healthcheck = decode_health_check(*check);
  }
  out.restart = located_text(node, "restart");
  if (const doc::Node* deploy = node.find("deploy")) {
    out.deploy = decode_deploy(*deploy);
  }
  out.scale = number(node, "scale");
  if (const doc::Node* logging = node.find("logging")) {
    out.logging = decode_logging(*logging);
  }
  out.profiles = texts(node, "profiles");
  out.extensions = extensions(node);
  out.attributes = attribute_paths(node);
  return out;
}

Network decode_top_network(const doc::Entry& entry) {
  Network out;
  const doc::Node& node = entry.value;
  out.key = entry.key.value;
  out.name = text(node, "name");
  out.driver = located_text(node, "driver");
  out.driver_opts = pairs(node, "driver_opts");
  if (const doc::Node* ipam = node.find("ipam")) {
    out.ipam_driver = located_text(*ipam, "driver");
    out.ipam_options = pairs(*ipam, "options");
    for (const doc::Node& pool : items(*ipam, "config")) {
      out.ipam_pools.push_back({text(pool, "subnet"),
                                text(pool, "gateway"),
                                text(pool, "ip_range"),
                                pairs(pool, "aux_addresses"),
                                pool.span});
    }
  }
  out.external = is_true(node, "external");
  out.internal = flag(node, "internal");
  out.attachable = flag(node, "attachable");
  out.enable_ipv4 = flag(node, "enable_ipv4");
  out.enable_ipv6 = flag(node, "enable_ipv6");
  out.labels = pairs(node, "labels");
  out.extensions = extensions(node);
  out.span = entry.key.span;
  return out;
}

Volume decode_top_volume(const doc::Entry& entry) {
  const doc::Node& node = entry.value;
  return {entry.key.value,
          text(node, "name"),
          located_text(node, "driver"),
          pairs(node, "driver_opts"),
          is_true(node, "external"),
          pairs(node, "labels"),
          extensions(node),
          entry.key.span};
}

FileObject decode_file_object(const doc::Entry& entry) {
  const doc::Node& node = entry.value;
  return {entry.key.value,
          text(node, "name"),
          located_text(node, "file"),
          located_text(node, "environment"),
          located_text(node, "content"),
          is_true(node, "external"),
          pairs(node, "labels"),
          located_text(node, "driver"),
          pairs(node, "driver_opts"),
          located_text(node, "template_driver"),
          extensions(node),
          entry.key.span};
}

Model decode_model(const doc::Entry& entry) {
  const doc::Node& node = entry.value;
  return {entry.key.value,
          text(node, "name"),
          text(node, "model"),
          number(node, "context_size"),
          texts(node, "runtime_flags"),
          extensions(node),
          entry.key.span};
}

template <class Value, class Decode>
void decode_section(const doc::Node& tree,
                    std::string_view section,
                    std::map<std::string, Value>& out,
                    Decode decode) {
  for (const doc::Entry& entry : entries(tree, section)) {
    out.emplace_hint(out.end(), entry.key.value, decode(entry));
  }
}

}  // namespace

Project decode(doc::Node tree) {
  Project out;
  out.name = text(tree, "name");
  decode_section(tree, "services", out.services, decode_service);
  decode_section(tree, "networks", out.networks, decode_top_network);
  decode_section(tree, "volumes", out.volumes, decode_top_volume);
  decode_section(tree, "secrets", out.secrets, decode_file_object);
  decode_section(tree, "configs", out.configs, decode_file_object);
  decode_section(tree, "models", out.models, decode_model);
  out.extensions = extensions(tree);
  return out;
}

}  // namespace compose
