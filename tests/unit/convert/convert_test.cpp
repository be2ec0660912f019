#include "convert/convert.hpp"

#include <doctest/doctest.h>

#include "doc/yaml_writer.hpp"
#include "support/golden.hpp"

namespace {

compose::Service service(const std::string& name, const std::string& image) {
  compose::Service out;
  out.name = name;
  out.image = compose::Text{image, {}};
  out.networks.emplace_back().network = "default";
  return out;
}

// The sample application, as the loader makes it.
compose::Project sample() {
  compose::Project project;
  project.name = "timestamper";
  compose::Network network;
  network.key = "default";
  network.name = "timestamper_default";
  project.networks.emplace("default", network);
  compose::Service frontend = service("frontend", "timestamper");
  compose::Port& port = frontend.ports.emplace_back().value;
  port.target = 5000;
  port.published = "5000";
  frontend.depends_on.emplace_back().service = "backend";
  project.services.emplace("frontend", frontend);
  project.services.emplace("backend", service("backend", "redis:7-alpine"));
  return project;
}

std::string template_of(const compose::Project& project) {
  diag::Bag bag;
  const auto converted = convert::convert(project, bag);
  for (const diag::Diagnostic& diagnostic : bag.all()) {
    INFO(diagnostic.message);
    CHECK(diagnostic.severity != diag::Severity::error);
  }
  return converted ? doc::to_yaml(cloudformation::to_node(*converted)) : std::string();
}

}  // namespace

TEST_CASE("the sample becomes the walk-through's stack") {
  const compose::Project project = sample();
  const std::string once = template_of(project);
  test::check_golden("tests/golden/convert/sample/template.yaml", once);
  CHECK(template_of(project) == once);
}

TEST_CASE("a project without services is an error") {
  diag::Bag bag;
  CHECK_FALSE(convert::convert(compose::Project{}, bag));
  REQUIRE(bag.all().size() == 1);
  CHECK(bag.all().front().code == "convert.no-services");
}
