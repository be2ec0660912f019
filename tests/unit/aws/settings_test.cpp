#include "aws/settings.hpp"

#include <map>
#include <string>

#include <doctest/doctest.h>

#include "support/memory_file_system.hpp"

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

constexpr const char* kConfig =
    "[default]\nregion = us-west-2\n"
    "[profile dev]\nregion = eu-central-1\nmax_attempts = 7\nendpoint_url = http://profile\nservices = local\n"
    "use_fips_endpoint = true\n"
    "[services local]\necs =\n  endpoint_url = http://services-ecs\nelastic_load_balancing_v2 =\n  endpoint_url = http://services-elb\n";

util::Result<aws::Settings, aws::Error> load(const aws::SettingsChoice& choice,
                                             Variables variables,
                                             const char* config = kConfig) {
  variables.emplace("HOME", "/home/u");
  const util::Environment environment(variables);
  const test::MemoryFileSystem files(
      {{"/home/u/.aws/config", config},
       {"/home/u/.aws/credentials", "[dev]\naws_access_key_id = A\n[keys]\nregion=sa-east-1\n"}});
  return aws::load_settings(choice, environment, files);
}

}  // namespace

TEST_CASE("region: choice, AWS_REGION, AWS_DEFAULT_REGION, profile") {
  CHECK(load({}, {})->region == "us-west-2");
  CHECK(load({}, {{"AWS_PROFILE", "dev"}})->region == "eu-central-1");
  CHECK(load({}, {{"AWS_DEFAULT_REGION", "b"}})->region == "b");
  CHECK(load({}, {{"AWS_DEFAULT_REGION", "b"}, {"AWS_REGION", "a"}})->region == "a");
  CHECK(
      load({.profile = "dev", .region = "c", .endpoint_url = ""}, {{"AWS_REGION", "a"}})->region ==
      "c");
  CHECK(load({.profile = "keys", .region = "", .endpoint_url = ""}, {})->region == "sa-east-1");
}

TEST_CASE("profile: choice, AWS_PROFILE, AWS_DEFAULT_PROFILE, default") {
  CHECK(load({}, {})->profile_name == "default");
  CHECK(load({}, {{"AWS_PROFILE", "dev"}, {"AWS_DEFAULT_PROFILE", "keys"}})->profile_name == "dev");
  CHECK_FALSE(load({}, {{"AWS_PROFILE", "dev"}})->profile_is_explicit);
  CHECK(load({.profile = "keys", .region = "", .endpoint_url = ""}, {{"AWS_PROFILE", "dev"}})
            ->profile_is_explicit);
  CHECK(load({}, {{"AWS_PROFILE", "deb"}}).error().message ==
        "the AWS profile \"deb\" does not exist; did you mean \"dev\"?");
  CHECK(load({}, {{"AWS_PROFILE", "zzzzzzzz"}}).error().code == "ProfileNotFound");
}

TEST_CASE("a missing region is said before anything is sent") {
  const auto settings = load({}, {}, "");
  REQUIRE(settings);
  CHECK(aws::check_region(*settings)->code == "NoRegion");
  CHECK(aws::check_region(*load({.profile = "", .region = "x/y", .endpoint_url = ""}, {}))->code ==
        "InvalidRegion");
  CHECK_FALSE(aws::check_region(*load({}, {})));
}

TEST_CASE("endpoint URLs in AWS's order") {
  const Variables dev{{"AWS_PROFILE", "dev"}};
  const auto profile = load({}, dev)->endpoints;
  CHECK(profile.url == "http://profile");
  CHECK(profile.service_urls.at("ecs") == "http://services-ecs");
  CHECK(profile.service_urls.at("elbv2") == "http://services-elb");
  CHECK(profile.fips);
  CHECK_FALSE(profile.dual_stack);

  Variables global = dev;
  global["AWS_ENDPOINT_URL"] = "http://env";
  CHECK(load({}, global)->endpoints.url == "http://env");
  CHECK(load({}, global)->endpoints.service_urls.empty());
  global["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] = "http://env-logs";
  CHECK(load({}, global)->endpoints.service_urls.at("logs") == "http://env-logs");

  const aws::SettingsChoice flag{.profile = "", .region = "", .endpoint_url = "http://flag"};
  CHECK(load(flag, global)->endpoints.url == "http://flag");
  CHECK(load(flag, global)->endpoints.service_urls.empty());

  global["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "TRUE";
  CHECK(load({}, global)->endpoints.url.empty());
  CHECK(load({}, global)->endpoints.service_urls.empty());
  CHECK(load(flag, global)->endpoints.url == "http://flag");
}

TEST_CASE("attempts are taken from environment and profile, and checked") {
  CHECK(load({}, {})->retry.max_attempts == 3);
  CHECK(load({}, {{"AWS_PROFILE", "dev"}})->retry.max_attempts == 7);
  CHECK(load({}, {{"AWS_MAX_ATTEMPTS", "1"}})->retry.max_attempts == 1);
  CHECK(load({}, {{"AWS_MAX_ATTEMPTS", "many"}}).error().code == "InvalidMaxAttempts");
}

TEST_CASE("a broken file names its line, a missing one is empty") {
  CHECK(load({}, {}, "[default\n").error().message ==
        "/home/u/.aws/config:1: the section's name has no closing bracket");
  const auto elsewhere =
      load({}, {{"AWS_CONFIG_FILE", "~/none"}, {"AWS_SHARED_CREDENTIALS_FILE", "/none"}});
  REQUIRE(elsewhere);
  CHECK(elsewhere->files.profiles.empty());
  CHECK(load({}, {{"AWS_CONFIG_FILE", "/home/u"}}).error().code == "ConfigFileUnreadable");
}
