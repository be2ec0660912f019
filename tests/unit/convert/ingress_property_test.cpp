#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "convert/discovery.hpp"
#include "convert/rule_priority.hpp"
#include "doc/json_writer.hpp"
#include "support/memory_file_system.hpp"

namespace {

using Random = std::mt19937;

std::size_t pick(Random& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

// One service of a random kind, with ports of its own: `number` is its only source of them.
std::string random_service(Random& random, const std::string& name, std::size_t number) {
  const std::string port = std::to_string(8000 + number);
  const std::string host = name + ".example.com";
  const std::vector<std::string> kinds = {
      "    ports: [\"" + port + ":80\"]\n",
      "    ports: [\"" + port + ":5432\"]\n    networks: [back]\n",
      "    ports: [\"" + port + ":53/udp\", \"" + port + ":53/tcp\"]\n",
      "    ports: [\"443:3000\"]\n    x-aws-ingress: {hosts: [" + host +
          "], certificate: \"arn:aws:acm:x\"}\n",
      "    ports: [\"80:3000\"]\n    x-aws-ingress: {paths: [/" + name + "/*], sticky: 1h}\n",
      "    expose: [\"3000\"]\n    x-aws-ingress: {port: 80, hosts: [" + host +
          "], paths: [/a, /b, /c/*, /d, /e]}\n",
      "    networks: [back, inside]\n    x-aws-discovery: both\n    expose: [\"9000\"]\n",
      "    networks: [inside]\n",
      "    networks: [theirs]\n    ports: [\"" + port + ":80\"]\n",
      ""};
  return "  " + name + ":\n    image: " + name + "\n" + kinds[pick(random, kinds.size())];
}

const std::string kNetworks =
    "networks:\n  back: {}\n  inside: {internal: true}\n  theirs: {external: true, name: sg-1}\n";

std::string project_text(const std::vector<std::string>& services) {
  std::string out = "name: shop\nservices:\n";
  for (const std::string& service : services) {
    out += service;
  }
  return out + kNetworks;
}

cloudformation::Template converted(const std::string& text) {
  const test::MemoryFileSystem files({{"/p/compose.yaml", text}});
  compose::LoadRequest request;
  request.current_dir = "/p";
  diag::SourceMap sources;
  diag::Bag bag;
  const auto project = compose::load(request, files, sources, bag);
  INFO(text);
  for (const diag::Diagnostic& diagnostic : bag.all()) {
    CAPTURE(diagnostic.message);
  }
  REQUIRE(project);
  auto out = convert::convert(*project, bag);
  for (const diag::Diagnostic& diagnostic : bag.all()) {
    INFO(diagnostic.message);
    CHECK(diagnostic.severity != diag::Severity::error);
  }
  REQUIRE(out);
  return std::move(*out);
}

std::map<std::string, std::string> resources_of(const cloudformation::Template& stack) {
  std::map<std::string, std::string> out;
  const doc::Node document = cloudformation::to_node(stack);
  for (const doc::Entry& entry : document.find("Resources")->as_mapping()->entries) {
    out.emplace(entry.key.value, doc::to_json(entry.value));
  }
  return out;
}

std::vector<std::string> random_project(Random& random, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(random_service(random, "s" + std::to_string(pick(random, 1000) * 20 + i), i));
  }
  return out;
}

// What the services share: it may list their ports and certificates.
bool is_shared(const std::string& id) {
  return id == "LoadBalancerSecurityGroup" || id == "ApplicationLoadBalancerSecurityGroup" ||
         id.starts_with("Port");
}

}  // namespace

TEST_CASE("a further service changes nothing of the others") {
  Random random(4);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> services = random_project(random, 6);
    const auto before = resources_of(converted(project_text(services)));
    services.push_back(random_service(random, "zz" + std::to_string(round), 7));
    const auto after = resources_of(converted(project_text(services)));
    for (const auto& [id, body] : before) {
      CAPTURE(id);
      REQUIRE(after.contains(id));
      CHECK((is_shared(id) || after.at(id) == body));
    }
  }
}

TEST_CASE("the order of the services in the file does not matter") {
  Random random(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> services = random_project(random, 6);
    const std::string once =
        doc::to_json(cloudformation::to_node(converted(project_text(services))));
    std::shuffle(services.begin(), services.end(), random);
    CHECK(doc::to_json(cloudformation::to_node(converted(project_text(services)))) == once);
  }
}

TEST_CASE("no security group of a task is open to addresses") {
  Random random(6);
  for (int round = 0; round < 30; ++round) {
    const auto stack = converted(project_text(random_project(random, 8)));
    std::set<std::string> of_tasks;
    for (const cloudformation::Resource& resource : stack.resources) {
      CHECK((resource.type != "AWS::EC2::SecurityGroupIngress" ||
             (resource.properties.find("CidrIp") == nullptr &&
              resource.properties.find("SourceSecurityGroupId") != nullptr)));
      if (resource.type == "AWS::ECS::Service") {
        const doc::Node& network =
            *resource.properties.find("NetworkConfiguration")->find("AwsvpcConfiguration");
        for (const doc::Node& group : network.find("SecurityGroups")->as_sequence()->items) {
          if (const doc::Node* attribute = group.find("Fn::GetAtt")) {
            of_tasks.insert(*attribute->as_sequence()->items.front().as_string());
          }
        }
      }
    }
    for (const std::string& id : of_tasks) {
      CAPTURE(id);
      CHECK(stack.find(id)->properties.find("SecurityGroupIngress") == nullptr);
    }
  }
}

TEST_CASE("port names are injective and short enough") {
  const std::vector<std::string> names = {"a.b",
                                          "a-b",
                                          "a_b",
                                          "A.b",
                                          "a-b-80",
                                          std::string(80, 'x'),
                                          std::string(80, 'x') + "y",
                                          std::string(79, 'x') + "."};
  std::set<std::string> seen;
  for (const std::string& name : names) {
    compose::Project project;
    compose::Service service;
    service.name = name;
    service.extensions.set("x-aws-discovery", doc::Node("service-connect"));
    service.expose = {{"80", {}}, {"80/udp", {}}, {"8080", {}}};
    const doc::Node mappings = convert::port_mappings(project, service);
    for (const doc::Node& mapping : mappings.as_sequence()->items) {
      const std::string& port_name = *mapping.find("Name")->as_string();
      CAPTURE(port_name);
      CHECK(port_name.size() <= 64);
      CHECK(seen.insert(port_name).second);
    }
  }
}

TEST_CASE("specific rules come first, and a taken number is not given twice") {
  convert::RulePriorities priorities;
  const std::int64_t host_and_path = priorities.assign("a", {"x.example.com"}, {"/a/b/*"});
  const std::int64_t host = priorities.assign("a", {"x.example.com"}, {});
  const std::int64_t pattern = priorities.assign("a", {"*.example.com"}, {"/a/b/c/*"});
  const std::int64_t deep = priorities.assign("a", {}, {"/a/b/c"});
  const std::int64_t path = priorities.assign("a", {}, {"/a*"});
  const std::int64_t all = priorities.assign("a", {}, {});
  CHECK(host_and_path < host);
  CHECK(host < pattern);
  CHECK(pattern < deep);
  CHECK(deep < path);
  CHECK(path < all);
  CHECK(host_and_path >= 1000);
  CHECK(all <= 50000);
  CHECK(priorities.assign("a", {"x.example.com"}, {}) == host + 1);
  convert::RulePriorities others;
  CHECK(others.assign("a", {"y.example.com"}, {}) == host);
}
