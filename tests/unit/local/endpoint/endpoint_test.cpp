#include "local/endpoint/endpoint.hpp"

#include <doctest/doctest.h>

#include "net/socket.hpp"
#include "net/socket_transport.hpp"

namespace {

using Outcome = util::Result<doc::Node, local::ApiError>;

// The endpoint over an engine that answers three operations, and nothing else.
class Fixture {
 public:
  Fixture()
      : listener_(*net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0))),
        port_(net::SocketAddress::local_of(listener_.get()).port()),
        endpoint_(thread_.loop(), std::move(listener_), {call, health, [] {
                                                           return std::string("the-id");
                                                         }}) {
    thread_.start();
  }

  ~Fixture() { thread_.stop(); }

  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  net::HttpResponse send(std::string_view method,
                         std::string_view path,
                         std::vector<net::Header> headers = {},
                         std::string body = "") {
    const std::string url = "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
    return transport_
        .send({std::string(method),
               url,
               std::move(headers),
               std::move(body),
               std::chrono::seconds(5)})
        .value();
  }

  net::HttpResponse query(std::string body, std::vector<net::Header> headers = {}) {
    headers.push_back({"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"});
    return send("POST", "/", std::move(headers), std::move(body));
  }

 private:
  static void call(const awsapi::Operation& operation,
                   const doc::Node& /*input*/,
                   const local::EndpointPorts::Answer& done) {
    if (operation.name == "GetCallerIdentity") {
      done(Outcome(doc::map({{"Account", doc::Node("000000000000")}})));
    } else if (operation.name == "ListBuckets") {
      done(Outcome(doc::map({})));
    } else if (operation.name == "HeadObject") {
      done(Outcome(doc::map({{"ContentLength", doc::Node(1234)}})));
    } else {
      done(util::unexpected(local::ApiError{"NoSuchEntity", "The role is not there.", 404}));
    }
  }

  static doc::Node health() {
    return doc::map({{"version", doc::Node("1.2.3")}, {"docker", doc::Node(true)}});
  }

  util::Fd listener_;
  std::uint16_t port_;
  net::LoopThread thread_{net::LoopThread::Start::later};
  local::Endpoint endpoint_;
  net::SocketTransport transport_;
};

bool has(const net::HttpResponse& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a call is answered in its protocol, with a request id") {
  Fixture fixture;
  const auto answer = fixture.query("Action=GetCallerIdentity&Version=2011-06-15");
  CHECK(answer.status == 200);
  CHECK(has(answer, "<Account>000000000000</Account>"));
  CHECK(has(answer, "<RequestId>the-id</RequestId>"));
  CHECK(net::find_header(answer.headers, "x-amzn-requestid") == "the-id");
  CHECK(net::find_header(answer.headers, "content-type").value().starts_with("text/xml"));
}

TEST_CASE("errors of the engine, of validation and of naming have AWS's shape") {
  Fixture fixture;
  const auto error = fixture.query("Action=GetRole&Version=2010-05-08&RoleName=x");
  CHECK(error.status == 404);
  CHECK(has(error, "<Code>NoSuchEntity</Code>"));
  CHECK(has(error, "<Message>The role is not there.</Message>"));
  const auto invalid = fixture.query("Action=GetRole&Version=2010-05-08");
  CHECK(invalid.status == 400);
  CHECK(has(invalid, "<Code>ValidationError</Code>"));
  const auto unknown = fixture.query("Action=FlyToTheMoon&Version=2010-05-08");
  CHECK(unknown.status == 400);
  CHECK(has(unknown, "<Code>InvalidAction</Code>"));
  const auto json =
      fixture.send("POST",
                   "/",
                   {{"X-Amz-Target", "AmazonEC2ContainerServiceV20141113.NoSuchThing"},
                    {"Content-Type", "application/x-amz-json-1.1"}},
                   "{}");
  CHECK(json.status >= 400);
  CHECK(has(json, "__type"));
  CHECK(fixture.send("POST", "/", {}, "\xff\x00garbage").status >= 400);
}

TEST_CASE("a signed call of a REST service is answered whatever its method") {
  Fixture f;
  const net::Header signature{
      "Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/s3/aws4_request, x=y"};
  const auto listed = f.send("GET", "/", {signature});
  CHECK(listed.status == 200);
  CHECK(has(listed, "<ListAllMyBucketsResult"));
  const auto head = f.send("HEAD", "/bucket/key", {signature});
  CHECK(head.status == 200);
  CHECK(net::find_header(head.headers, "Content-Length") == "1234");
  CHECK(f.send("GET", "/bucket/key", {signature}).status == 404);
}

TEST_CASE("the health page is small JSON") {
  Fixture fixture;
  const auto answer = fixture.send("GET", "/_docker-ecs/health");
  CHECK(answer.status == 200);
  CHECK(answer.body == "{\n  \"version\": \"1.2.3\",\n  \"docker\": true\n}\n");
  CHECK(fixture.send("GET", "/").body == answer.body);
  CHECK(fixture.send("GET", "/favicon.ico").status == 404);
  CHECK(fixture.send("DELETE", "/").status == 405);
}

TEST_CASE("web pages and rebound names are refused") {
  Fixture fixture;
  const std::string body = "Action=GetCallerIdentity&Version=2011-06-15";
  CHECK(fixture.query(body, {{"Host", "evil.example:4566"}}).status == 403);
  CHECK(fixture.query(body, {{"Origin", "http://localhost:8080"}}).status == 403);
  CHECK(fixture.query(body, {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  CHECK(fixture.query(body, {{"Host", "localhost:4566"}}).status == 200);
}

TEST_CASE("only loopback names are ours") {
  for (const char* host : {"localhost",
                           "LocalHost:80",
                           "127.0.0.1:4566",
                           "127.255.0.3",
                           "[::1]:4566",
                           "sts.localhost"}) {
    CAPTURE(host);
    CHECK(local::names_loopback(host));
  }
  for (const char* host : {"",
                           "example.com",
                           "127.0.0.1.example.com",
                           "127.evil.com",
                           "10.0.0.1",
                           "[::2]",
                           "localhost.evil.com",
                           "0.0.0.0"}) {
    CAPTURE(host);
    CHECK_FALSE(local::names_loopback(host));
  }
}

TEST_CASE("request ids are UUIDs of version 4") {
  const std::string id = local::random_uuid();
  CHECK(id.size() == 36);
  CHECK(id[14] == '4');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  CHECK(id != local::random_uuid());
}
