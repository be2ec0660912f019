#include "convert/port_protocol.hpp"

#include <algorithm>
#include <map>

#include "convert/balancers.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kCertificateHelp =
    "name a certificate with `x-aws-ingress: {certificate: arn:…}`, or have one made with "
    "`certificate: auto`, `hosts` and `zone`";

// What the load balancer is told to speak: `x-aws-ingress.protocol`, else `x-aws-protocol` of the
// port. Lower case; empty when nothing says.
std::string listener_word(const compose::Port* written, const Ingress& ingress) {
  if (ingress.protocol) {
    return util::to_lower(ingress.protocol->value);
  }
  const doc::Node* old = written == nullptr ? nullptr : written->extensions.find("x-aws-protocol");
  const std::string* text = old == nullptr ? nullptr : old->as_string();
  return text == nullptr ? std::string() : util::to_lower(*text);
}

bool is_http_word(std::string_view word) {
  return word == "http" || word == "https" || word == "ws" || word == "wss";
}

// HTTP/2 to the container. From outside it needs TLS.
std::string version_of(std::string_view word) {
  if (word == "grpc") {
    return "GRPC";
  }
  return word == "http2" || word == "h2c" ? "HTTP2" : "";
}

bool is_web_port(const PublishedPort& port) {
  return port.published == 80 || port.target == 80;
}

void note_pass_through(Builder& builder, const PublishedPort& port, std::string_view what) {
  builder.note("convert.approximated",
               port.span,
               "port " + std::to_string(port.published) + " of `" + port.service->name +
                   "` is passed through as TCP: " + std::string(what),
               "for HTTPS at the load balancer, " + std::string(kCertificateHelp));
}

void refuse_http(Builder& builder, const PublishedPort& port, const diag::Span& where) {
  builder.error("convert.ingress-needs-http",
                where,
                "hosts, paths and redirects need HTTP, but port " + std::to_string(port.target) +
                    " of `" + port.service->name + "` is " + util::to_lower(port.protocol),
                "leave the protocol out, or say `app_protocol: http`");
}

void use_application(PublishedPort& port, std::string_view listener, std::string_view container) {
  port.balancer = Balancer::application;
  port.version = version_of(listener).empty() ? version_of(container) : version_of(listener);
  port.target_tls = container == "https" || container == "wss";
  port.tls = port.ingress.has_certificate();
}

void decide_unsaid(Builder& builder, PublishedPort& port, std::string_view container) {
  const bool wanted = port.ingress.needs_http() || port.ingress.has_certificate();
  const bool needs_tls = container == "https" || !version_of(container).empty();
  if (wanted || container == "http" || container == "ws" ||
      (container.empty() && is_web_port(port))) {
    use_application(port, {}, container);
  } else if (needs_tls) {
    note_pass_through(builder, port, "there is no certificate for it");
  } else if (port.published == 443) {
    note_pass_through(builder, port, "the container has to speak TLS itself");
  }
}

bool must_have_tls(const PublishedPort& port, bool said_https) {
  return said_https || !port.version.empty();
}

}  // namespace

void decide_protocol(Builder& builder, const compose::Port* written, PublishedPort& port) {
  const std::string listener = listener_word(written, port.ingress);
  const std::string container = written == nullptr ? "" : util::to_lower(written->app_protocol);
  const auto http_only = port.ingress.needs_http();
  const bool network_word = listener == "tcp" || listener == "tls" || listener == "udp";
  if (port.is_udp_only() || network_word) {
    if (http_only) {
      refuse_http(builder, port, *http_only);
    }
    port.tls = !port.is_udp_only() && port.ingress.has_certificate();
    if (listener == "tls" && !port.tls) {
      builder.error("convert.no-certificate",
                    port.span,
                    "port " + std::to_string(port.published) + " of `" + port.service->name +
                        "` speaks TLS, but has no certificate",
                    std::string(kCertificateHelp));
    }
    return;
  }
  if (is_http_word(listener) || !version_of(listener).empty()) {
    use_application(port, listener, container);
    port.wants_tls = listener == "https" || listener == "wss";
    return;
  }
  if (!listener.empty()) {
    builder.error("convert.bad-extension",
                  port.span,
                  "`x-aws-protocol: " + listener + "` is not known",
                  "http, https, http2, grpc, tcp or tls");
    return;
  }
  decide_unsaid(builder, port, container);
}

void settle_tls(Builder& builder, std::vector<PublishedPort>& ports) {
  std::map<std::uint32_t, bool> tls;
  for (const PublishedPort& port : ports) {
    if (port.balancer == Balancer::application) {
      // Of an existing listener only its port is known.
      const bool existing =
          port.published != 80 && has_existing_listener(builder.project(), port.published);
      tls[port.published] = tls[port.published] || port.tls || existing;
    }
  }
  for (PublishedPort& port : ports) {
    if (port.balancer != Balancer::application) {
      continue;
    }
    port.tls = tls[port.published];
    if (!port.tls && must_have_tls(port, port.wants_tls)) {
      builder.error("convert.no-certificate",
                    port.span,
                    "port " + std::to_string(port.published) + " of `" + port.service->name +
                        "` needs TLS, but has no certificate",
                    std::string(kCertificateHelp));
    }
  }
}

}  // namespace convert
