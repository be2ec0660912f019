#include "aws/client.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "awsapi/cloudformation.hpp"
#include "awsapi/ecs.hpp"
#include "awsapi/http_date.hpp"
#include "awsapi/s3.hpp"
#include "awsapi/secretsmanager.hpp"
#include "awsapi/sts.hpp"
#include "support/fake_transport.hpp"

namespace {

using std::chrono::milliseconds;
using Kind = aws::Error::Kind;

class SettableClock final : public util::Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return time; }

  TimePoint time{milliseconds{1'440'938'160'000}};  // 2015-08-30T12:36:00Z
};

class CountingCredentials final : public aws::CredentialsProvider {
 public:
  util::Result<aws::Credentials, aws::Error> get() override {
    return aws::Credentials{"AKID" + std::to_string(generation),
                            aws::Secret{"secret"},
                            aws::Secret{"token"},
                            {},
                            "test"};
  }

  void forget() override { ++generation; }

  int generation = 0;
};

struct Fixture {
  test::FakeTransport transport;
  SettableClock clock;
  std::vector<milliseconds> pauses;
  bool cancelled = false;
  CountingCredentials* credentials = nullptr;
  std::unique_ptr<aws::Client> client;

  explicit Fixture(aws::ClientOptions options = {.region = "eu-west-1",
                                                 .endpoints = {},
                                                 .retry = {}}) {
    auto provider = std::make_unique<CountingCredentials>();
    credentials = provider.get();
    aws::World world{transport,
                     clock,
                     [this](milliseconds pause) {
                       pauses.push_back(pause);
                       return !cancelled;
                     },
                     [] { return std::uint64_t{1} << 63U; }};  // jitter one half
    client =
        std::make_unique<aws::Client>(std::move(options), std::move(provider), std::move(world));
  }
};

std::string header_of(const net::HttpRequest& request, std::string_view name) {
  const auto value = net::find_header(request.headers, name);
  return value ? std::string(*value) : std::string{};
}

const awsapi::ecs::ListClustersRequest kListClusters{};

}  // namespace

TEST_CASE("a call is encoded, signed, sent to the region's endpoint and decoded") {
  Fixture f;
  f.transport.will_answer(200, R"({"clusterArns":["arn:1"]})");
  const auto answer = f.client->call(kListClusters);
  REQUIRE(answer);
  CHECK(answer->cluster_arns == std::vector<std::string>{"arn:1"});
  const net::HttpRequest& sent = f.transport.requests.at(0);
  CHECK(sent.method == "POST");
  CHECK(sent.url == "https://ecs.eu-west-1.amazonaws.com/");
  CHECK(header_of(sent, "X-Amz-Date") == "20150830T123600Z");
  CHECK(header_of(sent, "X-Amz-Security-Token") == "token");
  CHECK(
      header_of(sent, "Authorization")
          .find(
              "AWS4-HMAC-SHA256 Credential=AKID0/20150830/eu-west-1/ecs/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=") ==
      0);
}

TEST_CASE("a REST call has its method, path and S3's way of signing") {
  Fixture f;
  f.transport.will_answer(200, "", {{"ETag", "\"1\""}});
  awsapi::s3::PutObjectRequest put;
  put.bucket = "b";
  put.key = "a/b c";
  put.body = awsapi::Blob{"x"};
  const auto answer = f.client->call(put);
  REQUIRE(answer);
  CHECK(answer->e_tag == "\"1\"");
  const net::HttpRequest& sent = f.transport.requests.at(0);
  CHECK(sent.method == "PUT");
  CHECK(sent.url == "https://s3.eu-west-1.amazonaws.com/b/a/b%20c");
  CHECK(header_of(sent, "X-Amz-Content-Sha256") ==
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
}

TEST_CASE("what the service refuses is a typed error, at once") {
  Fixture f;
  f.transport.will_answer(
      400,
      "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id x does not exist"
      "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>");
  awsapi::cloudformation::DescribeStacksRequest request;
  request.stack_name = "x";
  const auto answer = f.client->call(request);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == "ValidationError");
  CHECK(answer.error().kind == Kind::service);
  CHECK(answer.error().request_id == "r-1");
  CHECK(answer.error().text() == "ValidationError: Stack with id x does not exist");
  CHECK(f.transport.requests.size() == 1);
}

TEST_CASE("refusals of the identity are told apart") {
  const auto kind = [](int status, const char* code) {
    Fixture f;
    for (int i = 0; i < 5; ++i) {
      f.transport.will_answer(status, std::string(R"({"__type":")") + code + R"("})");
    }
    return f.client->call(kListClusters).error().kind;
  };
  CHECK(kind(400, "AccessDeniedException") == Kind::denied);
  CHECK(kind(400, "UnrecognizedClientException") == Kind::credentials);
  CHECK(kind(400, "ExpiredTokenException") == Kind::expired);
  CHECK(kind(400, "ThrottlingException") == Kind::throttled);
  CHECK(kind(400, "ClusterNotFoundException") == Kind::service);
}

TEST_CASE(
    "server errors, throttling and broken connections are tried again, with doubling pauses") {
  Fixture f;
  f.transport.will_answer(503, "");
  f.transport.will_fail(net::TransportError::Kind::connect);
  f.transport.will_answer(200, "{}");
  CHECK(f.client->call(kListClusters));
  CHECK(f.transport.requests.size() == 3);
  CHECK(f.pauses == std::vector<milliseconds>{milliseconds{500}, milliseconds{1000}});
}

TEST_CASE("after the last attempt the last error is told") {
  Fixture f;
  for (int i = 0; i < 3; ++i) {
    f.transport.will_answer(400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})");
  }
  const auto answer = f.client->call(kListClusters);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "Rate exceeded");
  CHECK(f.transport.requests.size() == 3);
}

TEST_CASE("a body that was cut off is fetched again") {
  Fixture f;
  f.transport.will_answer(200, R"({"clusterArns":["arn)");
  f.transport.will_answer(200, R"({"clusterArns":[]})");
  CHECK(f.client->call(kListClusters));
}

TEST_CASE("a proxy's page and a redirect are said plainly and not followed") {
  Fixture f;
  f.transport.will_answer(
      403, "<html><title>Blocked by policy</title></html>", {{"Content-Type", "text/html"}});
  const auto blocked = f.client->call(kListClusters);
  CHECK(blocked.error().kind == Kind::unreadable);
  CHECK(blocked.error().message ==
        "HTTP 403 is not an answer of an AWS service (text/html): Blocked by policy");
  f.transport.will_answer(301, "", {{"Location", "https://other/"}});
  CHECK(f.client->call(kListClusters).error().kind == Kind::unreadable);
  CHECK(f.transport.requests.size() == 2);
}

TEST_CASE("Retry-After is honoured up to the longest pause") {
  Fixture f;
  f.transport.will_answer(503, "", {{"Retry-After", "7"}});
  f.transport.will_answer(503, "", {{"retry-after", "999"}});
  f.transport.will_answer(200, "{}");
  CHECK(f.client->call(kListClusters));
  CHECK(f.pauses == std::vector<milliseconds>{milliseconds{7'000}, milliseconds{20'000}});
}

TEST_CASE("TLS failures and cancellation are final") {
  Fixture f;
  f.transport.will_fail(net::TransportError::Kind::tls, "certificate has expired");
  const auto tls = f.client->call(kListClusters);
  CHECK(tls.error().kind == Kind::unreachable);
  CHECK(tls.error().message ==
        "could not reach https://ecs.eu-west-1.amazonaws.com: certificate has expired");
  f.transport.will_fail(net::TransportError::Kind::cancelled);
  CHECK(f.client->call(kListClusters).error().kind == Kind::cancelled);
  f.cancelled = true;
  f.transport.will_answer(500, "");
  CHECK(f.client->call(kListClusters).error().kind == Kind::cancelled);
  CHECK(f.transport.requests.size() == 3);
}

TEST_CASE("an expired token is renewed once") {
  Fixture f;
  f.transport.will_answer(400, R"({"__type":"ExpiredTokenException"})");
  f.transport.will_answer(200, "{}");
  CHECK(f.client->call(kListClusters));
  CHECK(header_of(f.transport.requests.at(1), "Authorization").find("Credential=AKID1/") !=
        std::string::npos);
  f.transport.will_answer(400, R"({"__type":"ExpiredTokenException"})");
  f.transport.will_answer(400, R"({"__type":"ExpiredTokenException"})");
  CHECK(f.client->call(kListClusters).error().kind == Kind::expired);
  CHECK(f.transport.requests.size() == 4);
}

TEST_CASE("a wrong clock is corrected by the service's date, for later calls too") {
  Fixture f;
  f.transport.will_answer(
      403,
      R"({"__type":"InvalidSignatureException","message":"Signature expired: 1 is now earlier"})",
      {{"Date", "Sun, 30 Aug 2015 14:36:00 GMT"}});
  f.transport.will_answer(200, "{}");
  f.transport.will_answer(200, "{}");
  CHECK(f.client->call(kListClusters));
  CHECK(f.client->call(kListClusters));
  CHECK(header_of(f.transport.requests.at(0), "X-Amz-Date") == "20150830T123600Z");
  CHECK(header_of(f.transport.requests.at(1), "X-Amz-Date") == "20150830T143600Z");
  CHECK(header_of(f.transport.requests.at(2), "X-Amz-Date") == "20150830T143600Z");
  CHECK(f.pauses.empty());
}

TEST_CASE("pages are walked to the end and merged") {
  Fixture f;
  f.transport.will_answer(200, R"({"clusterArns":["a","b"],"nextToken":"t1"})");
  f.transport.will_answer(200, R"({"clusterArns":[],"nextToken":"t2"})");
  f.transport.will_answer(200, R"({"clusterArns":["c"]})");
  const auto all = f.client->call_all(kListClusters);
  REQUIRE(all);
  CHECK(all->cluster_arns == std::vector<std::string>{"a", "b", "c"});
  CHECK_FALSE(all->next_token);
  CHECK(f.transport.requests.at(0).body == "{}");
  CHECK(f.transport.requests.at(2).body == R"({"nextToken":"t2"})");
}

TEST_CASE("a walk stops when the visitor has seen enough, and when a token repeats itself") {
  Fixture f;
  f.transport.will_answer(200, R"({"clusterArns":["a"],"nextToken":"t1"})");
  int pages = 0;
  CHECK(f.client->for_each_page(kListClusters, [&](const auto&) { return ++pages < 1; }));
  CHECK(pages == 1);
  f.transport.otherwise = [](const net::HttpRequest&) {
    return net::HttpResponse{200, {}, R"({"clusterArns":["a"],"nextToken":"same"})"};
  };
  CHECK(f.client->call_all(kListClusters)->cluster_arns.size() == 2);
  CHECK(f.transport.requests.size() == 3);
}

TEST_CASE("an error in the middle of the pages is the answer") {
  Fixture f;
  f.transport.will_answer(200, R"({"clusterArns":["a"],"nextToken":"t1"})");
  f.transport.will_answer(400, R"({"__type":"InvalidParameterException"})");
  CHECK(f.client->call_all(kListClusters).error().code == "InvalidParameterException");
}

TEST_CASE("independent requests run together and keep their order") {
  Fixture f;
  f.transport.otherwise = [](const net::HttpRequest& request) {
    return net::HttpResponse{
        200, {}, R"({"clusters":[{"clusterName":)" + request.body.substr(13, 4) + "}]}"};
  };
  std::vector<awsapi::ecs::DescribeClustersRequest> requests(20);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].clusters = {std::to_string(10 + i)};
  }
  const auto answers = f.client->call_each(requests);
  REQUIRE(answers.size() == 20);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i]);
    CHECK(answers[i]->clusters.at(0).cluster_name == std::to_string(10 + i));
  }
}

TEST_CASE("idempotency tokens are made once a call and kept over its attempts") {
  Fixture f;
  f.transport.will_answer(500, "");
  f.transport.will_answer(200, "{}");
  awsapi::secretsmanager::CreateSecretRequest request;
  request.name = "n";
  CHECK(f.client->call(request));
  CHECK(f.transport.requests.at(0).body ==
        R"({"Name":"n","ClientRequestToken":"80000000-0000-4000-8000-000000000000"})");
  CHECK(f.transport.requests.at(1).body == f.transport.requests.at(0).body);
}

TEST_CASE("without a region nothing is sent") {
  Fixture f({.region = "", .endpoints = {}, .retry = {}});
  const auto answer = f.client->call(kListClusters);
  CHECK(answer.error().kind == Kind::configuration);
  CHECK(f.transport.requests.empty());
}

TEST_CASE("the local engine gets fixed credentials at its own address") {
  Fixture f;
  const auto client = aws::Client::for_local_engine(
      "http://127.0.0.1:4566",
      {f.transport, f.clock, [](milliseconds) { return true; }, [] { return std::uint64_t{0}; }});
  f.transport.will_answer(
      200,
      "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
  const auto identity = client->call(awsapi::sts::GetCallerIdentityRequest{});
  REQUIRE(identity);
  CHECK(identity->account == "000000000000");
  CHECK(f.transport.requests.at(0).url == "http://127.0.0.1:4566/");
  CHECK(header_of(f.transport.requests.at(0), "Host") == "127.0.0.1:4566");
}

TEST_CASE("HTTP dates") {
  CHECK(awsapi::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784'111'777'000);
  CHECK_FALSE(awsapi::parse_http_date("1994-11-06T08:49:37Z"));
  CHECK_FALSE(awsapi::parse_http_date("Sun, 32 Nov 1994 08:49:37 GMT"));
}
