#include "convert/target_health.hpp"

#include <doctest/doctest.h>

namespace {

std::string probe_of(std::vector<std::string> test) {
  compose::Service service;
  service.name = "web";
  service.healthcheck.emplace();
  service.healthcheck->test.emplace();
  for (std::string& word : test) {
    service.healthcheck->test->push_back({std::move(word), {}});
  }
  const auto probe = convert::http_probe(service);
  return probe ? std::string(probe->tls ? "https " : "http ") + std::to_string(probe->port) + " " +
                     probe->path
               : "";
}

}  // namespace

TEST_CASE("what a health check asks over HTTP is understood in all its forms") {
  CHECK(probe_of({"CMD", "curl", "-f", "http://localhost:8080/healthz"}) == "http 8080 /healthz");
  CHECK(probe_of({"CMD", "curl", "http://localhost"}) == "http 80 /");
  CHECK(probe_of({"CMD", "curl", "localhost:3000/up"}) == "http 3000 /up");
  CHECK(probe_of({"CMD", "/usr/bin/wget", "-q", "--spider", "http://127.0.0.1:81/a?b=c"}) ==
        "http 81 /a?b=c");
  CHECK(probe_of({"CMD-SHELL", "curl -fsS https://localhost/ready || exit 1"}) ==
        "https 443 /ready");
  CHECK(probe_of({"CMD-SHELL", "wget -qO- 'http://[::1]:8080/x#top'"}) == "http 8080 /x");
  CHECK(probe_of({"CMD", "sh", "-c", "curl http://0.0.0.0:5000?ready"}) == "http 5000 /?ready");
  CHECK(probe_of({"CMD", "curl", "-H", "Host: x", "http://web:8080/"}) == "http 8080 /");
}

TEST_CASE("other commands, other hosts and computed addresses say nothing about a path") {
  CHECK(probe_of({"CMD", "pg_isready", "-h", "localhost"}) == "");
  CHECK(probe_of({"CMD", "curl", "http://db:8080/"}) == "");
  CHECK(probe_of({"CMD", "curl", "http://localhost:port/"}) == "");
  CHECK(probe_of({"CMD-SHELL", "curl http://localhost:8080/$STATUS"}) == "");
  CHECK(probe_of({"NONE"}) == "");
  CHECK(probe_of({"CMD", "curl", "--version"}) == "");
  CHECK(convert::http_probe(compose::Service{}) == std::nullopt);
}
