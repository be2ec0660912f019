#include "compose/port_spec.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <arpa/inet.h>

#include "util/strings.hpp"

namespace compose {
namespace {

struct PortRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

std::optional<std::uint32_t> read_port(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || at != end || error != std::errc{} || value > 65535) {
    return std::nullopt;
  }
  return value;
}

std::optional<PortRange> read_range(std::string_view text) {
  const std::vector<std::string> parts = util::split(text, '-');
  const std::optional<std::uint32_t> first = read_port(parts[0]);
  const std::optional<std::uint32_t> last = parts.size() == 1 ? first : read_port(parts[1]);
  if (!first || !last || *last < *first) {
    return std::nullopt;
  }
  return PortRange{*first, *last};
}

struct PortParts {
  std::string ip;
  std::string host;
  std::string container;
};

PortParts split_spec(std::string_view spec) {
  std::vector<std::string> parts = util::split(spec, ':');
  PortParts out;
  out.container = std::move(parts.back());
  parts.pop_back();
  if (!parts.empty()) {
    out.host = std::move(parts.back());
    parts.pop_back();
  }
  out.ip = util::join(parts, ":");
  return out;
}

// The address without the brackets of IPv6; the error is the whole sentence.
util::Result<std::string, std::string> read_address(const std::string& raw) {
  const auto invalid = [&](std::string_view why) {
    return util::unexpected("Invalid ip address " + raw + ": address " + raw +
                            ":: " + std::string(why));
  };
  std::string ip = raw;
  if (raw.starts_with('[')) {
    const std::size_t close = raw.find(']');
    if (close == std::string::npos) {
      return util::unexpected("Invalid ip address " + raw + ": address " + raw +
                              ":: missing ']' in address");
    }
    if (close + 1 != raw.size()) {
      return invalid(raw.find(':', close) == std::string::npos ? "missing port in address"
                                                               : "too many colons in address");
    }
    ip = raw.substr(1, close - 1);
    if (ip.find('[') != std::string::npos) {
      return invalid("unexpected '[' in address");
    }
  } else if (raw.find(':') != std::string::npos) {
    return invalid("too many colons in address");
  } else if (raw.find_first_of("[]") != std::string::npos) {
    return invalid(raw.find('[') != std::string::npos ? "unexpected '[' in address"
                                                      : "unexpected ']' in address");
  }
  if (!ip.empty() && !is_ip_address(ip)) {
    return util::unexpected("Invalid ip address: " + ip);
  }
  return ip;
}

struct Protocol {
  std::string name;
  std::string port;
};

Protocol split_protocol(std::string_view container) {
  const std::vector<std::string> parts = util::split(container, '/');
  if (parts[0].empty()) {
    return {};
  }
  return {parts.size() == 1 || parts[1].empty() ? "tcp" : parts[1], parts[0]};
}

}  // namespace

bool is_ip_address(std::string_view text) {
  unsigned char buffer[16];
  const std::string copy(text);
  return ::inet_pton(AF_INET, copy.c_str(), buffer) == 1 ||
         ::inet_pton(AF_INET6, copy.c_str(), buffer) == 1;
}

util::Result<std::vector<PortSpec>, std::string> parse_ports(std::string_view spec) {
  const PortParts parts = split_spec(spec);
  const Protocol protocol = split_protocol(parts.container);
  const util::Result<std::string, std::string> ip = read_address(parts.ip);
  if (!ip) {
    return util::unexpected(ip.error());
  }
  if (protocol.port.empty()) {
    return util::unexpected("No port specified: " + std::string(spec) + "<empty>");
  }
  const std::optional<PortRange> container = read_range(protocol.port);
  if (!container) {
    return util::unexpected("Invalid containerPort: " + protocol.port);
  }
  const std::optional<PortRange> host = parts.host.empty() ? PortRange{} : read_range(parts.host);
  if (!host) {
    return util::unexpected("Invalid hostPort: " + parts.host);
  }
  const bool one_target = container->first == container->last;
  if (!parts.host.empty() && container->last - container->first != host->last - host->first &&
      !one_target) {
    return util::unexpected("Invalid ranges specified for container and host Ports: " +
                            protocol.port + " and " + parts.host);
  }
  const std::string name = util::to_lower(protocol.name);
  if (name != "tcp" && name != "udp" && name != "sctp") {
    return util::unexpected("Invalid proto: " + protocol.name);
  }
  std::vector<PortSpec> out;
  for (std::uint32_t i = 0; i <= container->last - container->first; ++i) {
    std::string published = parts.host.empty() ? std::string() : std::to_string(host->first + i);
    if (one_target && host->first != host->last) {
      published += "-" + std::to_string(host->last);
    }
    out.push_back({*ip, std::move(published), container->first + i, name});
  }
  std::sort(out.begin(), out.end(), [](const PortSpec& a, const PortSpec& b) {
    return std::to_string(a.target) + "/" < std::to_string(b.target) + "/";
  });
  return out;
}

}  // namespace compose
