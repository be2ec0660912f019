#include "convert/discovery.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "convert/logging.hpp"
#include "convert/naming.hpp"
#include "convert/placement.hpp"
#include "convert/ports.hpp"
#include "convert/settings.hpp"
#include "convert/task_files.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kKey = "x-aws-discovery";
constexpr std::size_t kLongestPortName = 64;  // ECS: PortMapping.name

std::optional<Discovery> parse_discovery(std::string_view word) {
  if (word == "cloud-map" || word == "dns") {
    return Discovery::cloud_map;
  }
  if (word == "service-connect" || word == "connect") {
    return Discovery::service_connect;
  }
  if (word == "both") {
    return Discovery::both;
  }
  return word == "none" ? std::optional(Discovery::none) : std::nullopt;
}

std::string plain_text_of(const doc::Node* value) {
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

// `x-aws-discovery: both`, or `{type: both}`.
std::optional<Discovery> read_discovery(const compose::Extensions& extensions) {
  const doc::Node* value = extensions.find(kKey);
  const bool mapping = value != nullptr && value->as_mapping() != nullptr;
  return parse_discovery(plain_text_of(mapping ? value->find("type") : value));
}

std::string search_of(const compose::Extensions& extensions) {
  const doc::Node* value = extensions.find(kKey);
  return value == nullptr ? std::string() : plain_text_of(value->find("search"));
}

bool has_cloud_map(Discovery discovery) {
  return discovery == Discovery::cloud_map || discovery == Discovery::both;
}

bool has_service_connect(Discovery discovery) {
  return discovery == Discovery::service_connect || discovery == Discovery::both;
}

struct ContainerPort {
  std::uint32_t number = 0;
  std::string protocol;      // tcp, udp
  std::string app_protocol;  // for Service Connect: http, http2, grpc; else empty
};

std::string connect_protocol(std::string_view word) {
  if (word == "http" || word == "grpc" || word == "http2") {
    return std::string(word);
  }
  return word == "h2c" ? "http2" : "";
}

class ContainerPorts {
 public:
  void add(std::uint32_t number, const std::string& protocol, std::string_view app_protocol) {
    const auto [at, is_new] = index_.emplace(std::pair(number, protocol), ports_.size());
    if (is_new) {
      ports_.push_back({number, protocol, connect_protocol(app_protocol)});
    }
  }

  // "8080", "8080/udp", "3000-3002"
  void add_exposed(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
    const std::string range = text.substr(0, slash);
    const std::size_t dash = range.find('-');
    const auto first = util::parse_int(range.substr(0, dash));
    const auto last = dash == std::string::npos ? first : util::parse_int(range.substr(dash + 1));
    constexpr std::int64_t kMost = 65535;
    if (!first || !last || *first < 1 || *last > kMost) {
      return;
    }
    for (std::int64_t number = *first; number <= *last; ++number) {
      add(static_cast<std::uint32_t>(number), protocol, {});
    }
  }

  std::vector<ContainerPort> take() { return std::move(ports_); }

 private:
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> index_;
  std::vector<ContainerPort> ports_;
};

// The target of each `x-aws-ingress` that the service does not publish otherwise.
void add_ingress_targets(ContainerPorts& out, const compose::Service& service) {
  const auto add = [&](const doc::Node& ingress) {
    const doc::Node* target = ingress.find("target");
    const std::int64_t* number = target == nullptr ? nullptr : target->as_int();
    const std::string* text = target == nullptr ? nullptr : target->as_string();
    const auto parsed = number != nullptr       ? std::optional(*number)
                        : text != nullptr       ? util::parse_int(*text)
                        : service.ports.empty() ? std::optional<std::int64_t>(exposed_port(service))
                                                : std::nullopt;
    if (parsed && *parsed > 0 && *parsed <= 65535) {
      const doc::Node* protocol = ingress.find("protocol");
      const bool udp = protocol != nullptr && protocol->as_string() != nullptr &&
                       *protocol->as_string() == "udp";
      out.add(static_cast<std::uint32_t>(*parsed), udp ? "udp" : "tcp", {});
    }
  };
  const doc::Node* ingress = service.extensions.find("x-aws-ingress");
  if (ingress == nullptr) {
    return;
  }
  if (const doc::Sequence* list = ingress->as_sequence()) {
    std::for_each(list->items.begin(), list->items.end(), add);
  } else {
    add(*ingress);
  }
}

std::vector<ContainerPort> container_ports(const compose::Service& service, bool with_exposed) {
  ContainerPorts out;
  for (const auto& port : service.ports) {
    const std::string protocol =
        port.value.protocol.empty() ? "tcp" : util::to_lower(port.value.protocol);
    if (protocol != "sctp") {
      out.add(port.value.target, protocol, util::to_lower(port.value.app_protocol));
    }
  }
  add_ingress_targets(out, service);
  if (with_exposed) {
    for (const compose::Text& exposed : service.expose) {
      out.add_exposed(exposed.value);
    }
  }
  return out.take();
}

// Unique in a task, whose containers have ports of their own each.
std::string port_name(const compose::Service& service, const ContainerPort& port) {
  const std::string suffix =
      "-" + std::to_string(port.number) + (port.protocol == "udp" ? "-udp" : "");
  std::string name = util::to_lower(util::replace_all(service.name, ".", "-"));
  if (name != service.name || name.size() + suffix.size() > kLongestPortName) {
    const std::string hash = util::sha256_hex(service.name).substr(0, 12);
    name = name.substr(0, kLongestPortName - suffix.size() - hash.size() - 1) + "-" + hash;
  }
  return name + suffix;
}

doc::Node connect_services(const compose::Service& service) {
  doc::Sequence out;
  for (const ContainerPort& port : container_ports(service, true)) {
    if (port.protocol == "udp") {
      continue;
    }
    doc::Node alias =
        Fields().add("Port", std::int64_t{port.number}).add("DnsName", service.name).node();
    out.items.push_back(Fields()
                            .add("PortName", port_name(service, port))
                            .add("DiscoveryName", port_name(service, port))
                            .add("ClientAliases", items(std::move(alias)))
                            .node());
  }
  return doc::Node(std::move(out));
}

// Images whose C library does not read LOCALDOMAIN, or which have none, as far as a name tells.
bool is_without_search(const compose::Service& service) {
  if (!service.image) {
    return false;
  }
  const std::string image = util::to_lower(service.image->value);
  const std::string name = image.substr(image.rfind('/') + 1);
  return name.find("alpine") != std::string::npos || name.starts_with("busybox") ||
         image.find("distroless") != std::string::npos || name.find("static") != std::string::npos;
}

// A service that this one depends on, and so probably calls by its bare name.
const std::string* called_service(const compose::Project& project,
                                  const compose::Service& service) {
  for (const compose::Dependency& dependency : service.depends_on) {
    const auto at = project.services.find(dependency.service);
    if (at != project.services.end() && has_cloud_map(discovery_of(project, at->second))) {
      return &at->first;
    }
  }
  return nullptr;
}

void check_short_names(Builder& builder, const compose::Service& service) {
  const compose::Project& project = builder.project();
  if (!has_cloud_map(discovery_of(project, service)) ||
      has_service_connect(discovery_of(project, service)) || has_own_vpc(project) ||
      searches_by_container(project, service) || !is_without_search(service)) {
    return;
  }
  const std::string* other = called_service(project, service);
  if (other == nullptr) {
    return;
  }
  builder.warning("convert.short-names",
                  service.image->span,
                  "on AWS `" + service.name + "` may find `" + *other + "` as `" + *other + "." +
                      project.name +
                      ".local` only: images like this one do not read the search domain",
                  "use the full name, `x-aws-discovery: {search: container}`, which writes the "
                  "domain into the task's resolv.conf, or `service-connect`");
}

void check_value(Builder& builder, const compose::Extensions& extensions) {
  const doc::Node* value = extensions.find(kKey);
  if (value == nullptr || value->is_null()) {
    return;
  }
  if (value->as_mapping() != nullptr) {
    Settings settings(builder, *value, std::string(kKey));
    static_cast<void>(
        settings.word("type", {"cloud-map", "service-connect", "both", "none", "dns", "connect"}));
    static_cast<void>(settings.word("search", {"environment", "container"}));
    settings.finish();
    return;
  }
  if (read_discovery(extensions)) {
    return;
  }
  builder.error("convert.bad-extension",
                value->span,
                "`x-aws-discovery` must be cloud-map, service-connect, both or none");
}

}  // namespace

Discovery discovery_of(const compose::Project& project, const compose::Service& service) {
  if (const auto own = read_discovery(service.extensions)) {
    return *own;
  }
  return read_discovery(project.extensions).value_or(Discovery::cloud_map);
}

bool has_namespace(const compose::Project& project) {
  return std::any_of(project.services.begin(), project.services.end(), [&](const auto& entry) {
    return discovery_of(project, entry.second) != Discovery::none;
  });
}

void add_namespace(Builder& builder) {
  const compose::Project& project = builder.project();
  if (!has_namespace(project)) {
    return;
  }
  builder.add(
      resource(cloudformation::LogicalId{"CloudMap"},
               "AWS::ServiceDiscovery::PrivateDnsNamespace",
               Fields()
                   .add("Name", project.name + ".local")
                   .add("Description", "Names of the services of Compose project " + project.name)
                   .add("Vpc", vpc_id(project))
                   .add("Tags", builder.tags())));
  builder.add_output("Namespace",
                     "Services reach each other at <service>." + project.name + ".local",
                     doc::Node(project.name + ".local"));
}

bool searches_by_container(const compose::Project& project, const compose::Service& service) {
  const std::string own = search_of(service.extensions);
  return has_cloud_map(discovery_of(project, service)) &&
         (own.empty() ? search_of(project.extensions) : own) == "container";
}

doc::Node search_container(Builder& builder, const compose::Service& service) {
  if (!searches_by_container(builder.project(), service)) {
    return {};
  }
  // The last `search` line of the file counts.
  const std::string script =
      "printf 'search %s %s\\n' '" + builder.project().name +
      ".local' \"$(sed -n 's/^search //p' /etc/resolv.conf | tail -n 1)\" >> /etc/resolv.conf";
  Fields out;
  out.add("Name", kSearchContainer)
      .add("Image", init_image(builder, service))
      .add("Essential", false)
      .add("User", "0")
      .add("EntryPoint", items("sh", "-c"))
      .add("Command", items(script));
  if (writes_logs(service)) {
    out.add("LogConfiguration", log_configuration(builder, service));
  }
  return std::move(out).node();
}

std::optional<std::string> search_domain(const compose::Project& project) {
  const bool any =
      std::any_of(project.services.begin(), project.services.end(), [&](const auto& entry) {
        return has_cloud_map(discovery_of(project, entry.second));
      });
  return any ? std::optional(project.name + ".local") : std::nullopt;
}

void add_discovery_entry(Builder& builder, const compose::Service& service) {
  if (!has_cloud_map(discovery_of(builder.project(), service))) {
    return;
  }
  doc::Node record = Fields().add("Type", "A").add("TTL", 10).node();
  builder.add(
      resource(logical_id(service.name, "ServiceDiscoveryEntry"),
               "AWS::ServiceDiscovery::Service",
               Fields()
                   .add("Name", service.name)
                   .add("Description", "Tasks of Compose service " + service.name)
                   .add("NamespaceId", cloudformation::ref("CloudMap"))
                   .add("DnsConfig",
                        Fields()
                            .add("RoutingPolicy", "MULTIVALUE")
                            .add("DnsRecords", items(std::move(record)))
                            .node())
                   .add("HealthCheckCustomConfig", Fields().add("FailureThreshold", 1).node())
                   .add("Tags", builder.tags("service", service.name)),
               service.span));
}

void add_discovery_properties(Fields& out,
                              const compose::Project& project,
                              const compose::Service& service) {
  const Discovery discovery = discovery_of(project, service);
  if (has_cloud_map(discovery)) {
    const std::string entry = logical_id(service.name, "ServiceDiscoveryEntry").str();
    out.add("ServiceRegistries",
            items(Fields().add("RegistryArn", cloudformation::get_att(entry, "Arn")).node()));
  }
  if (!has_service_connect(discovery)) {
    return;
  }
  Fields connect;
  connect.add("Enabled", true).add("Namespace", cloudformation::get_att("CloudMap", "Arn"));
  doc::Node services = connect_services(service);
  if (!services.as_sequence()->items.empty()) {
    connect.add("Services", std::move(services));
  }
  out.add("ServiceConnectConfiguration", std::move(connect).node());
}

doc::Node port_mappings(const compose::Project& project, const compose::Service& service) {
  const bool named = has_service_connect(discovery_of(project, service));
  doc::Sequence out;
  for (const ContainerPort& port : container_ports(service, named)) {
    Fields mapping;
    mapping.add("ContainerPort", std::int64_t{port.number}).add("Protocol", port.protocol);
    if (named) {
      mapping.add("Name", port_name(service, port));
      if (!port.app_protocol.empty()) {
        mapping.add("AppProtocol", port.app_protocol);
      }
    }
    out.items.push_back(std::move(mapping).node());
  }
  return doc::Node(std::move(out));
}

void check_discovery(Builder& builder) {
  const compose::Project& project = builder.project();
  check_value(builder, project.extensions);
  for (const auto& [name, service] : project.services) {
    check_value(builder, service.extensions);
    check_short_names(builder, service);
  }
}

}  // namespace convert
