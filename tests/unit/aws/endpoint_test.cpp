#include "aws/endpoint.hpp"

#include <doctest/doctest.h>

namespace {

std::string url(std::string_view service,
                std::string_view prefix,
                std::string_view region,
                const aws::EndpointOptions& options = {}) {
  const auto found = aws::resolve_endpoint(service, prefix, region, options);
  return found ? found->url + " " + found->signing_region : found.error();
}

}  // namespace

TEST_CASE("each partition has its hosts") {
  CHECK(url("ecs", "ecs", "eu-west-1") == "https://ecs.eu-west-1.amazonaws.com eu-west-1");
  CHECK(url("elbv2", "elasticloadbalancing", "cn-north-1") ==
        "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn cn-north-1");
  CHECK(url("ecs", "ecs", "us-gov-west-1") ==
        "https://ecs.us-gov-west-1.amazonaws.com us-gov-west-1");
  CHECK(url("ecs", "ecs", "eusc-de-east-1") ==
        "https://ecs.eusc-de-east-1.amazonaws.eu eusc-de-east-1");
  CHECK(url("ecs", "ecs", "us-iso-east-1") == "https://ecs.us-iso-east-1.c2s.ic.gov us-iso-east-1");
  CHECK(url("ecs", "ecs", "mars-north-1") == "https://ecs.mars-north-1.amazonaws.com mars-north-1");
  CHECK(aws::partition_of("cn-northwest-1") == "aws-cn");
  CHECK(aws::partition_of("us-isob-east-1") == "aws-iso-b");
}

TEST_CASE("FIPS, dual-stack and the global service") {
  CHECK(url("ecs", "ecs", "us-east-1", {.fips = true, .url = "", .service_urls = {}}) ==
        "https://ecs-fips.us-east-1.amazonaws.com us-east-1");
  CHECK(url("ecs", "ecs", "us-east-1", {.dual_stack = true, .url = "", .service_urls = {}}) ==
        "https://ecs.us-east-1.api.aws us-east-1");
  CHECK(url("logs", "logs", "us-gov-west-1", {.fips = true, .url = "", .service_urls = {}}) ==
        "https://logs.us-gov-west-1.amazonaws.com us-gov-west-1");
  CHECK(url("iam", "iam", "eu-west-1") == "https://iam.amazonaws.com us-east-1");
  CHECK(url("iam", "iam", "cn-northwest-1") ==
        "https://iam.cn-north-1.amazonaws.com.cn cn-north-1");
}

TEST_CASE("configured URLs replace the host and keep the signing region") {
  aws::EndpointOptions options;
  options.url = "http://localhost:4566/";
  options.service_urls["ecs"] = "https://vpce-1.example/base";
  CHECK(url("logs", "logs", "eu-west-1", options) == "http://localhost:4566 eu-west-1");
  CHECK(url("ecs", "ecs", "eu-west-1", options) == "https://vpce-1.example/base eu-west-1");
  CHECK(url("iam", "iam", "eu-west-1", options) == "http://localhost:4566 us-east-1");
  options.url = "localhost:4566";
  CHECK(url("logs", "logs", "eu-west-1", options) ==
        "\"localhost:4566\" is not the URL of an endpoint");
}

TEST_CASE("a region must be able to stand in a host name") {
  for (const char* region : {"", "a/b", "evil.com#", "-x", "x-", "a b"}) {
    CAPTURE(region);
    CHECK_FALSE(aws::resolve_endpoint("ecs", "ecs", region, {}));
  }
}
