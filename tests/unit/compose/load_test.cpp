#include "compose/load.hpp"

#include <doctest/doctest.h>

#include "diag/diagnostic.hpp"
#include "support/memory_file_system.hpp"

namespace {

struct Attempt {
  diag::SourceMap sources;
  diag::Bag problems;
  std::optional<compose::Project> project;

  [[nodiscard]] std::string first_error() const {
    for (const diag::Diagnostic& each : problems.all()) {
      if (each.severity == diag::Severity::error) {
        return (each.span ? sources.describe(*each.span) + ": " : "") + each.message;
      }
    }
    return {};
  }
};

void load_into(Attempt& attempt, const std::map<std::string, std::string>& files) {
  const test::MemoryFileSystem disk(files);
  compose::LoadRequest request;
  request.current_dir = "/p";
  attempt.project = compose::load(request, disk, attempt.sources, attempt.problems);
}

}  // namespace

TEST_CASE("a project is typed, with the places of its values") {
  Attempt attempt;
  load_into(attempt,
            {{"/p/compose.yaml",
              "services:\n"
              "  web:\n"
              "    image: nginx\n"
              "    ports: ['8080:80/udp']\n"
              "    environment: {B: 2, A: }\n"
              "    links: [db]\n"
              "    mem_limit: 64m\n"
              "    command: serve --all\n"
              "    healthcheck: {test: curl x, interval: 1m30s}\n"
              "    volumes: ['./d:/d:ro', 'v1:/e']\n"
              "    x-aws-role: {a: b}\n"
              "  db: {image: redis, deploy: {resources: {limits: {cpus: '0.5', memory: 1g}}}}\n"
              "volumes: {v1: }\n"
              "x-aws-vpc: vpc-1\n"}});
  REQUIRE_MESSAGE(attempt.project.has_value(), attempt.first_error());
  const compose::Project& project = *attempt.project;
  CHECK(project.name == "p");
  CHECK(project.compose_files == std::vector<std::string>{"/p/compose.yaml"});
  CHECK(*project.extensions.find("x-aws-vpc")->as_string() == "vpc-1");
  CHECK(project.volumes.at("v1").name == "p_v1");
  const compose::Service& web = project.services.at("web");
  CHECK(attempt.sources.describe(web.image->span) == "/p/compose.yaml:3:12");
  REQUIRE(web.ports.size() == 1);
  CHECK(web.ports[0].value.target == 80);
  CHECK(web.ports[0].value.published == "8080");
  CHECK(web.ports[0].value.protocol == "udp");
  CHECK(attempt.sources.describe(web.ports[0].span) == "/p/compose.yaml:4:13");
  REQUIRE(web.environment.size() == 2);
  CHECK_FALSE(web.environment[0].value.has_value());
  CHECK(web.environment[1].value == "2");
  CHECK(web.mem_limit->value == 64LL << 20);
  REQUIRE(web.command.has_value());
  CHECK(web.command->size() == 2);
  CHECK(web.healthcheck->test->front().value == "CMD-SHELL");
  CHECK(web.healthcheck->interval->value == std::chrono::seconds(90));
  REQUIRE(web.depends_on.size() == 1);
  CHECK(web.depends_on[0].implicit);
  REQUIRE(web.mounts.size() == 2);
  CHECK(std::get<compose::BindMount>(web.mounts[0].source).source.value == "/p/d");
  CHECK(std::get<compose::VolumeMount>(web.mounts[1].source).source->value == "v1");
  CHECK(web.span_of("healthcheck.interval").has_value());
  CHECK_FALSE(web.span_of("environment.A").has_value());
  CHECK(project.services.at("db").deploy->limits->memory->value == 1LL << 30);
}

TEST_CASE("all faults of a project are told at once, each in its place") {
  Attempt attempt;
  load_into(attempt,
            {{"/p/compose.yaml",
              "services:\n  a: {image: x, prots: [1]}\n  b: {image: 5}\nvolums: {}\n"}});
  CHECK_FALSE(attempt.project.has_value());
  CHECK(attempt.problems.all().size() == 3);
  bool suggested = false;
  for (const diag::Diagnostic& each : attempt.problems.all()) {
    suggested = suggested || each.help == "did you mean `ports`?";
  }
  CHECK(suggested);
}

TEST_CASE("includes that multiply, endless chains and deep nesting end in an error") {
  std::map<std::string, std::string> files;
  for (int i = 0; i < 30; ++i) {
    const std::string next = "f" + std::to_string(i + 1) + ".yaml";
    files["/p/" + (i == 0 ? std::string("compose.yaml") : "f" + std::to_string(i) + ".yaml")] =
        "include: [" + next + ", " + next + "]\n";
  }
  files["/p/f30.yaml"] = "services: {a: {image: x}}\n";
  Attempt includes;
  load_into(includes, files);
  CHECK(includes.first_error().find("more than 5000 files") != std::string::npos);

  std::string chain = "services:\n  s0: {image: x}\n";
  for (int i = 1; i < 3000; ++i) {
    chain.insert(10, "  s" + std::to_string(i) + ": {extends: s" + std::to_string(i - 1) + "}\n");
  }
  Attempt extends;
  load_into(extends, {{"/p/compose.yaml", chain}});
  CHECK(extends.first_error().find("extend each other in a row") != std::string::npos);

  Attempt nested;
  load_into(nested, {{"/p/compose.yaml", "x-a: " + std::string(20000, '[')}});
  CHECK(nested.first_error().find("exceeded max depth") != std::string::npos);
}

TEST_CASE("a long chain of dependencies loads, a circle in it is found") {
  std::string text = "services:\n";
  for (int i = 0; i < 3000; ++i) {
    text +=
        "  s" + std::to_string(i) + ": {image: x, depends_on: [s" + std::to_string(i + 1) + "]}\n";
  }
  Attempt chain;
  load_into(chain, {{"/p/compose.yaml", text + "  s3000: {image: x}\n"}});
  CHECK(chain.project.has_value());
  Attempt circle;
  load_into(circle, {{"/p/compose.yaml", text + "  s3000: {image: x, depends_on: [s2999]}\n"}});
  CHECK(circle.first_error().find("dependency cycle detected: s2999 -> s3000 -> s2999") !=
        std::string::npos);
}
