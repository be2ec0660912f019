#include "cli/context/context_store.hpp"

#include <doctest/doctest.h>

#include "doc/json_writer.hpp"
#include "support/memory_file_system.hpp"
#include "util/hash.hpp"

namespace {

std::string meta(const std::string& name) {
  return "/c/contexts/meta/" + util::sha256_hex(name) + "/meta.json";
}

struct Store {
  test::MemoryFileSystem files;
  cli::ContextStore store{files, "/c"};

  cli::Endpoint endpoint(const std::string& document) {
    files.put(meta("x"), document);
    const auto found = store.find("x");
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    return cli::endpoint_of(**found);
  }
};

}  // namespace

TEST_CASE("our context has a docker endpoint beside the AWS one, so that docker lists it") {
  const cli::StoredContext context =
      cli::aws_context("aws", "prod", {.profile = "p", .region = "eu-west-1"});
  CHECK(doc::to_json(context.document) ==
        R"({"Name":"aws","Metadata":{"Description":"prod","Type":"ecs"},)"
        R"("Endpoints":{"docker":{},"ecs":{"Profile":"p","Region":"eu-west-1"}}})");
}

TEST_CASE("contexts of the earlier tools are understood") {
  Store store;
  const auto plugin = std::get<cli::AwsTarget>(
      store.endpoint(R"({"Name":"x","Metadata":{"Type":"aws"},"Endpoints":{)"
                     R"("aws":{"Profile":"p","Region":"r"},"docker":{"Profile":"p"}}})"));
  CHECK(plugin.profile == "p");
  CHECK(plugin.region == "r");
  const auto compose_cli = std::get<cli::AwsTarget>(store.endpoint(
      R"({"Name":"x","Endpoints":{"docker":{},"ecs":{"CredentialsFromEnv":true,"Profile":"p"}}})"));
  CHECK_FALSE(compose_cli.profile.has_value());
  const auto simulation = std::get<cli::LocalTarget>(
      store.endpoint(R"({"Name":"x","Endpoints":{"docker":{},"ecs-local":{}}})"));
  CHECK(simulation.docker_host == cli::kDefaultDockerHost);
  const auto engine = std::get<cli::LocalTarget>(
      store.endpoint(R"({"Name":"x","Endpoints":{"docker":{"Host":"tcp://h:1"}}})"));
  CHECK(engine.docker_host == "tcp://h:1");
}

TEST_CASE("the context is chosen in docker's order") {
  Store store;
  store.files.put("/c/config.json", R"({"currentContext":"from-config"})");
  const auto chosen = [&](cli::Globals globals, util::Environment environment) {
    const auto choice = cli::choose_context(globals, environment, store.store);
    REQUIRE(choice.has_value());
    return choice->name + " " + choice->docker_host.value_or("-");
  };
  cli::Globals flag;
  flag.context = "flag";
  cli::Globals host;
  host.hosts = {"tcp://h"};
  const util::Environment both(std::map<std::string, std::string, std::less<>>{
      {"DOCKER_HOST", "tcp://e"}, {"DOCKER_CONTEXT", "variable"}});
  const util::Environment one(
      std::map<std::string, std::string, std::less<>>{{"DOCKER_CONTEXT", "variable"}});
  CHECK(chosen(flag, both).starts_with("flag "));
  CHECK(chosen(host, one) == "default tcp://h");
  CHECK(chosen({}, both) == "default tcp://e");
  CHECK(chosen({}, one) == "variable -");
  CHECK(chosen({}, {}) == "from-config -");
  flag.hosts = {"tcp://h"};
  CHECK_FALSE(cli::choose_context(flag, {}, store.store).has_value());
}

TEST_CASE("trouble with the store is said with the file's name") {
  Store store;
  store.files.put(meta("torn"), "{\"Name\":");
  const auto torn = store.store.find("torn");
  REQUIRE_FALSE(torn.has_value());
  CHECK(torn.error().message.starts_with("cannot read " + meta("torn") + ": "));
  const auto missing = cli::resolve_context({"nowhere", {}, "DOCKER_CONTEXT"}, store.store);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message == "context \"nowhere\" does not exist (chosen by DOCKER_CONTEXT)");
}
