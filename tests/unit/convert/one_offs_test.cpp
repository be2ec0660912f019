#include "convert/one_offs.hpp"

#include <doctest/doctest.h>

#include "convert/convert.hpp"
#include "doc/json_writer.hpp"

namespace {

compose::Service service(const std::string& name) {
  compose::Service out;
  out.name = name;
  out.image = compose::Text{name, {}};
  out.networks.emplace_back().network = "default";
  return out;
}

compose::Project two_services() {
  compose::Project project;
  project.name = "app";
  compose::Network network;
  network.key = "default";
  network.name = "app_default";
  project.networks.emplace("default", network);
  project.services.emplace("web", service("web"));
  project.services.emplace("tool", service("tool"));
  return project;
}

}  // namespace

TEST_CASE(
    "a service of a profile that is not active gets a task definition and nothing that runs") {
  const compose::Project everything = two_services();
  compose::Project project = everything;
  project.services.erase("tool");
  project.disabled_services = {"tool"};
  convert::add_one_offs(project, everything);
  diag::Bag bag;
  const auto converted = convert::convert(project, bag);
  REQUIRE(converted);
  CHECK(converted->find("WebService") != nullptr);
  CHECK(converted->find("ToolTaskDefinition") != nullptr);
  CHECK(converted->find("ToolService") == nullptr);
  CHECK(converted->find("ToolServiceDiscoveryEntry") == nullptr);
}

TEST_CASE("one that cannot be converted is left out, and one with a secret of the project's own") {
  compose::Project everything = two_services();
  everything.services.at("tool").image.reset();
  compose::Project project = two_services();
  project.services.erase("tool");
  project.disabled_services = {"tool"};
  convert::add_one_offs(project, everything);
  CHECK_FALSE(project.services.contains("tool"));

  everything = two_services();
  compose::FileObject secret;
  secret.key = "key";
  secret.content = compose::Text{"canary", {}};
  everything.secrets.emplace("key", secret);
  everything.services.at("tool").secrets.emplace_back().source = compose::Text{"key", {}};
  convert::add_one_offs(project, everything);
  CHECK_FALSE(project.services.contains("tool"));
}

TEST_CASE("a secret's value is nowhere in the template") {
  compose::Project project = two_services();
  compose::FileObject secret;
  secret.key = "key";
  secret.content = compose::Text{"canary", {}};
  project.secrets.emplace("key", secret);
  for (auto& [name, one] : project.services) {
    one.secrets.emplace_back().source = compose::Text{"key", {}};
  }
  project.services.at("web").secrets.back().extensions.set("x-aws-env", doc::Node("KEY"));
  diag::Bag bag;
  const auto converted = convert::convert(project, bag);
  REQUIRE(converted);
  CHECK(doc::to_json(cloudformation::to_node(*converted)).find("canary") == std::string::npos);
  for (const diag::Diagnostic& diagnostic : bag.all()) {
    CHECK(diagnostic.message.find("canary") == std::string::npos);
  }
}
