#include "aws/signer.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "awsapi/time_text.hpp"

namespace {

const aws::Credentials kSuiteKeys{"AKIDEXAMPLE",
                                  aws::Secret{"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
                                  {},
                                  {},
                                  {}};

// A request of AWS's published Signature Version 4 test suite; returns its signature.
std::string suite_signature(std::string method,
                            const std::string& target,
                            std::vector<net::Header> headers = {},
                            std::string body = {}) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = "https://example.amazonaws.com" + target;
  request.headers = std::move(headers);
  request.headers.push_back({"Host", "example.amazonaws.com"});
  request.headers.push_back({"X-Amz-Date", "20150830T123600Z"});
  request.body = std::move(body);
  return aws::compute_signature(request, kSuiteKeys, {"us-east-1", "service"}, "20150830T123600Z")
      .value;
}

}  // namespace

TEST_CASE("AWS's published vectors") {
  CHECK(suite_signature("GET", "/") ==
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  CHECK(suite_signature("POST", "/") ==
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  CHECK(suite_signature("GET", "/?Param2=value2&Param1=value1") ==
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  CHECK(suite_signature("GET", "/?Param1=value2&Param1=Value1") ==
        "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1");
  CHECK(suite_signature("POST", "/", {{"My-Header1", "VALUE1"}}) ==
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d");
  CHECK(
      suite_signature("GET", "/", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}) ==
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
  CHECK(suite_signature("GET", "/./example") == suite_signature("GET", "/example"));
  CHECK(suite_signature("GET", "//example//") == suite_signature("GET", "/example/"));
  CHECK(suite_signature("GET", "/a/..") == suite_signature("GET", "/"));
}

TEST_CASE("the example of AWS's documentation: IAM ListUsers") {
  net::HttpRequest request;
  request.method = "GET";
  request.url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  const auto now = awsapi::parse_instant("2015-08-30T12:36:00Z");
  aws::sign(request,
            kSuiteKeys,
            {"us-east-1", "iam"},
            util::Clock::TimePoint{std::chrono::milliseconds{*now}});
  CHECK(*net::find_header(request.headers, "Authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST_CASE("signing again replaces what signing added") {
  net::HttpRequest request;
  request.method = "POST";
  request.url = "https://ecs.us-east-1.amazonaws.com:443/";
  const aws::Credentials session{"A", aws::Secret{"s"}, aws::Secret{"t"}, {}, {}};
  aws::sign(
      request, session, {"us-east-1", "ecs"}, util::Clock::TimePoint{std::chrono::milliseconds{0}});
  aws::sign(request,
            session,
            {"us-east-1", "ecs"},
            util::Clock::TimePoint{std::chrono::milliseconds{1'000}});
  CHECK(request.headers.size() == 4);
  CHECK(*net::find_header(request.headers, "Host") == "ecs.us-east-1.amazonaws.com");
  CHECK(*net::find_header(request.headers, "X-Amz-Date") == "19700101T000001Z");
}

TEST_CASE("S3 signs the payload's hash as a header and the path as it is") {
  net::HttpRequest request;
  request.method = "PUT";
  request.url = "https://b.s3.amazonaws.com/a//b%20c";
  request.body = "x";
  aws::sign(request, kSuiteKeys, {"us-east-1", "s3"}, util::Clock::TimePoint{}, {.s3 = true});
  CHECK(net::find_header(request.headers, "X-Amz-Content-Sha256")->size() == 64);
  const auto signature = aws::compute_signature(
      request, kSuiteKeys, {"us-east-1", "s3"}, "19700101T000000Z", {.s3 = true});
  CHECK(signature.canonical_request.find("PUT\n/a//b%20c\n") == 0);
}
