#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compose/service.hpp"

namespace convert {

// What a health check command asks over HTTP.
struct HttpProbe {
  bool tls = false;
  std::uint32_t port = 80;
  std::string path = "/";  // with its query
};

// Reads `curl` and `wget` of a Compose health check, in any of its forms, when they ask this
// container itself: ["CMD", "curl", "-f", "http://localhost:8080/healthz"],
// "wget -qO- http://127.0.0.1/ || exit 1". Nothing for other commands and other hosts.
std::optional<HttpProbe> http_probe(const compose::Service& service);

}  // namespace convert
