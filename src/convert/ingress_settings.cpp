#include "convert/ingress_settings.hpp"

#include <algorithm>

#include "convert/placement.hpp"
#include "convert/settings.hpp"

namespace convert {
namespace {

constexpr std::int64_t kMostPort = 65535;
constexpr std::int64_t kWeek = 604'800;  // ELB: the longest stickiness
constexpr std::int64_t kDay = 86'400;

void read_probe(Builder& builder,
                const doc::Node& node,
                const std::string& path,
                HealthProbe& out) {
  Settings probe(builder, node, path);
  const auto take = [](auto& member, auto value) {
    if (value) {
      member = std::move(value);
    }
  };
  take(out.protocol, probe.word("protocol", {"http", "https", "tcp"}));
  take(out.path, probe.text("path"));
  take(out.codes, probe.text("codes"));
  take(out.port, probe.number("port", 1, kMostPort));
  take(out.interval, probe.seconds("interval", 5, 300));
  take(out.timeout, probe.seconds("timeout", 2, 120));
  take(out.healthy, probe.number("healthy", 2, 10));
  take(out.unhealthy, probe.number("unhealthy", 2, 10));
  take(out.grace, probe.seconds("grace", 0, 2'147'483'647));
  probe.finish();
}

// `sticky: true` is a day.
std::optional<compose::Number> read_sticky(Settings& settings) {
  const doc::Node* value = settings.find("sticky");
  if (value != nullptr && value->as_bool() != nullptr) {
    return *value->as_bool() ? std::optional(compose::Number{kDay, value->span}) : std::nullopt;
  }
  return settings.seconds("sticky", 1, kWeek);
}

void read_certificate(Builder& builder, Settings& settings, Ingress& out) {
  const doc::Node* value = settings.find("certificate");
  if (value == nullptr) {
    return;
  }
  const auto take = [&](const doc::Node& item) {
    const std::string* text = item.as_string();
    if (text != nullptr && *text == "auto") {
      out.automatic = item.span;
    } else if (is_intrinsic(item) || (text != nullptr && text->starts_with("arn:"))) {
      out.certificates.push_back(item);
    } else {
      builder.error("convert.bad-extension",
                    item.span,
                    "`x-aws-ingress.certificate` must be `auto`, an ARN or a list of ARNs",
                    "import a certificate file with `aws acm import-certificate` and name its ARN");
    }
  };
  if (const doc::Sequence* list = value->as_sequence()) {
    std::for_each(list->items.begin(), list->items.end(), take);
  } else {
    take(*value);
  }
}

void read_zone(Builder& builder, Settings& settings, Ingress& out) {
  const doc::Node* value = settings.find("zone");
  if (value == nullptr) {
    value = builder.project().extensions.find("x-aws-hosted_zone");
  }
  if (value == nullptr || value->is_null()) {
    return;
  }
  const std::string* text = value->as_string();
  if (is_intrinsic(*value) || (text != nullptr && text->starts_with("Z"))) {
    out.zone = *value;
    return;
  }
  builder.error("convert.bad-extension",
                value->span,
                "the hosted zone must be given by its id, `Z…`, or by an intrinsic function",
                "aws route53 list-hosted-zones-by-name --dns-name example.com");
}

void check_host(Builder& builder, const compose::Text& host) {
  const std::string& name = host.value;
  const bool legal = name.size() <= 128 && name.find('.') != std::string::npos &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                              c == '.' || c == '*' || c == '?';
                     });
  if (!legal) {
    builder.error("convert.bad-extension",
                  host.span,
                  "host `" + name + "` must be a lower-case domain name of 128 characters at most",
                  "a name like shop.example.com or *.example.com, without a scheme or a port");
  }
}

void check_path(Builder& builder, const compose::Text& path) {
  if (!path.value.starts_with('/') || path.value.size() > 128) {
    builder.error("convert.bad-extension",
                  path.span,
                  "path `" + path.value + "` must begin with `/` and have 128 characters at most",
                  "`/api/*` is everything below /api, `/api` that path alone");
  }
}

Ingress read_port(Builder& builder, const HealthProbe& health, const doc::Node& node) {
  Settings settings(builder, node, "x-aws-ingress");
  Ingress out;
  out.span = node.span;
  out.port = settings.number("port", 1, kMostPort);
  out.target = settings.number("target", 1, kMostPort);
  out.protocol = settings.word("protocol", {"http", "https", "http2", "grpc", "tcp", "tls", "udp"});
  out.hosts = settings.texts("hosts");
  out.paths = settings.texts("paths");
  read_certificate(builder, settings, out);
  out.ssl_policy = settings.text("ssl_policy");
  out.redirect_http = settings.flag("redirect_http");
  out.dns = settings.flag("dns");
  read_zone(builder, settings, out);
  out.strip_prefix = settings.flag("strip_prefix");
  out.sticky = read_sticky(settings);
  out.idle_timeout = settings.seconds("idle_timeout", 1, 6000);
  out.priority = settings.number("priority", 1, 50'000);
  out.allow = settings.texts("allow");
  out.health = health;
  if (const doc::Node* probe = settings.find("healthcheck")) {
    read_probe(builder, *probe, "x-aws-ingress.healthcheck", out.health);
  }
  settings.finish();
  for (const compose::Text& host : out.hosts) {
    check_host(builder, host);
  }
  for (const compose::Text& path : out.paths) {
    check_path(builder, path);
  }
  return out;
}

}  // namespace

std::optional<diag::Span> Ingress::needs_http() const {
  if (!hosts.empty()) {
    return hosts.front().span;
  }
  if (!paths.empty()) {
    return paths.front().span;
  }
  if (redirect_http && redirect_http->value) {
    return redirect_http->span;
  }
  return std::nullopt;
}

ServiceIngress read_ingress(Builder& builder, const compose::Service& service) {
  ServiceIngress out;
  if (const doc::Node* probe = service.extensions.find("x-aws-healthcheck")) {
    read_probe(builder, *probe, "x-aws-healthcheck", out.health);
  }
  const doc::Node* value = service.extensions.find("x-aws-ingress");
  if (value == nullptr || value->is_null()) {
    return out;
  }
  if (const doc::Sequence* list = value->as_sequence()) {
    for (const doc::Node& item : list->items) {
      out.ports.push_back(read_port(builder, out.health, item));
    }
  } else {
    out.ports.push_back(read_port(builder, out.health, *value));
  }
  return out;
}

}  // namespace convert
