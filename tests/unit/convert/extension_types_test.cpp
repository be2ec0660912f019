#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "support/memory_file_system.hpp"

namespace {

// What a variable, a slip of the keyboard or another tool may put anywhere.
constexpr std::array<std::string_view, 12> kValues = {"text",
                                                      "\"7\"",
                                                      "7",
                                                      "-1",
                                                      "1.5",
                                                      "true",
                                                      "null",
                                                      "\"\"",
                                                      "[a, 1]",
                                                      "[]",
                                                      "{a: b}",
                                                      "{Fn::ImportValue: x}"};

void check_text(const std::string& text) {
  INFO(text);
  const test::MemoryFileSystem files({{"/p/compose.yaml", text}});
  compose::LoadRequest request;
  request.current_dir = "/p";
  diag::SourceMap sources;
  diag::Bag bag;
  const auto project = compose::load(request, files, sources, bag);
  if (project) {
    const bool converted = convert::convert(*project, bag).has_value();
    CHECK(converted != bag.has_errors());
  } else {
    CHECK(bag.has_errors());
  }
}

std::string with(const std::string& text, std::string_view value) {
  std::string out = text;
  out.replace(out.find('@'), 1, value);
  return out;
}

}  // namespace

TEST_CASE("no value of an extension, of whatever type, is more than an error") {
  const std::string service = "services:\n  web:\n    image: web\n    ports: [\"443:8080\"]\n";
  std::vector<std::string> texts;
  for (const std::string key : {"cluster",
                                "discovery",
                                "hosted_zone",
                                "listener",
                                "loadbalancer",
                                "network",
                                "subnets",
                                "vpc"}) {
    texts.push_back(service + "x-aws-" + key + ": @\n");
  }
  for (const std::string key :
       {"subnets", "vpc", "public_ip", "loadbalancer", "egress", "cidr", "zones"}) {
    texts.push_back(service + "x-aws-network: {" + key + ": @}\n");
    texts.push_back(service + "x-aws-vpc: new\nx-aws-network: {" + key + ": @}\n");
  }
  for (const std::string key : {"ingress", "healthcheck", "discovery"}) {
    texts.push_back(service + "    x-aws-" + key + ": @\n");
  }
  for (const std::string key : {"port",
                                "target",
                                "protocol",
                                "hosts",
                                "paths",
                                "certificate",
                                "ssl_policy",
                                "redirect_http",
                                "dns",
                                "zone",
                                "strip_prefix",
                                "sticky",
                                "idle_timeout",
                                "priority",
                                "allow",
                                "healthcheck"}) {
    texts.push_back(service + "    x-aws-ingress: {" + key + ": @}\n");
    texts.push_back(
        service +
        "    x-aws-ingress: {hosts: a.example.com, paths: /a/*, certificate: auto, zone: Z1, " +
        key +
        (key == "hosts" || key == "paths" || key == "certificate" || key == "zone" ? "x: @}\n"
                                                                                   : ": @}\n"));
  }
  for (const std::string key : {"protocol",
                                "path",
                                "codes",
                                "port",
                                "interval",
                                "timeout",
                                "healthy",
                                "unhealthy",
                                "grace"}) {
    texts.push_back(service + "    x-aws-healthcheck: {" + key + ": @}\n");
  }
  texts.push_back(
      "services:\n  web:\n    image: web\n    ports: [{target: 80, x-aws-protocol: @}]\n");
  texts.push_back(
      "services:\n  web:\n    image: web\nnetworks: {default: {x-aws-securitygroup: @}}\n");
  for (const std::string& text : texts) {
    for (const std::string_view value : kValues) {
      check_text(with(text, value));
    }
  }
}
