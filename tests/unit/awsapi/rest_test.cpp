#include <string>

#include <doctest/doctest.h>

#include "awsapi/protocol.hpp"
#include "awsapi/s3.hpp"
#include "doc/json_writer.hpp"
#include "util/hash.hpp"

namespace {

constexpr std::string_view kSignedForS3 =
    "AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, "
    "Signature=0";

awsapi::WireMessage s3_request(std::string method, std::string path, std::string body = {}) {
  awsapi::WireMessage out;
  out.method = std::move(method);
  out.path = std::move(path);
  out.headers = {{"Authorization", std::string(kSignedForS3)}};
  out.body = std::move(body);
  return out;
}

std::string header(const awsapi::WireMessage& message, std::string_view name) {
  for (const auto& [key, value] : message.headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

// "PutObject {…}" or the error's code.
std::string read(const awsapi::WireMessage& request) {
  const auto call = awsapi::decode_request(request);
  return call ? std::string(call->operation->name) + " " + doc::to_json(call->input)
              : call.error().code;
}

}  // namespace

TEST_CASE("a REST request has its members in path, query string, headers and body") {
  awsapi::s3::PutObjectRequest put;
  put.bucket = "bucket";
  put.key = "a b/ä.json";
  put.body = awsapi::Blob{"{}"};
  put.content_type = "application/json";
  put.metadata = {{"hash", "1"}};
  const auto message =
      awsapi::encode_request(put.operation(), put.to_node(awsapi::EmptyLists::omit));
  CHECK(message.method == "PUT");
  CHECK(message.path == "/bucket/a%20b/%C3%A4.json");
  CHECK(message.body == "{}");
  CHECK(header(message, "Content-Type") == "application/json");
  CHECK(header(message, "x-amz-meta-hash") == "1");

  awsapi::s3::ListObjectsV2Request list;
  list.bucket = "bucket";
  list.prefix = "a&b";
  CHECK(awsapi::encode_request(list.operation(), list.to_node(awsapi::EmptyLists::omit)).path ==
        "/bucket?list-type=2&prefix=a%26b");
}

TEST_CASE("an operation that wants a digest of its body gets one") {
  awsapi::s3::PutBucketPolicyRequest put;
  put.bucket = "b";
  put.policy = "{}";
  const auto message =
      awsapi::encode_request(put.operation(), put.to_node(awsapi::EmptyLists::omit));
  CHECK(message.path == "/b?policy");
  const util::Sha256Digest digest = util::sha256("{}");
  CHECK(header(message, "x-amz-checksum-sha256") == util::base64(util::as_bytes(digest)));
}

TEST_CASE("the server finds the operation by method, path and query string") {
  CHECK(read(s3_request("GET", "/")) == "ListBuckets {}");
  CHECK(read(s3_request("PUT", "/my-bucket")) == R"(CreateBucket {"Bucket":"my-bucket"})");
  CHECK(read(s3_request("GET", "/b?list-type=2&max-keys=5")) ==
        R"(ListObjectsV2 {"Bucket":"b","MaxKeys":5})");
  CHECK(read(s3_request("GET", "/b/k/l%20m?x-id=GetObject")) ==
        R"(GetObject {"Bucket":"b","Key":"k/l m"})");
  CHECK(read(s3_request("GET", "/b//k")) == R"(GetObject {"Bucket":"b","Key":"/k"})");
  CHECK(read(s3_request("HEAD", "/b/")) == R"(HeadBucket {"Bucket":"b"})");
  CHECK(read(s3_request("POST",
                        "/b?delete",
                        "<Delete><Object><Key>x</Key></Object><Object><Key>y</Key></Object>"
                        "</Delete>")) ==
        R"(DeleteObjects {"Bucket":"b","Delete":{"Objects":[{"Key":"x"},{"Key":"y"}]}})");
}

TEST_CASE("a bucket may stand in the host's name") {
  auto request = s3_request("GET", "/key");
  request.headers.emplace_back("Host", "my-bucket.localhost:4566");
  CHECK(read(request) == R"(GetObject {"Bucket":"my-bucket","Key":"key"})");
  request.headers.back().second = "my-bucket.s3.localhost";
  CHECK(read(request) == R"(GetObject {"Bucket":"my-bucket","Key":"key"})");
  request.headers.back().second = "s3.localhost:4566";
  CHECK(read(request) == R"(NotImplemented)");  // ListObjects, which list-type=2 replaced
}

TEST_CASE("what the model does not have is refused and never taken for another operation") {
  CHECK(read(s3_request("GET", "/b?acl")) == "NotImplemented");
  CHECK(read(s3_request("PUT", "/b/k?partNumber=1&uploadId=x", "part")) == "NotImplemented");
  CHECK(read(s3_request("PATCH", "/b/k")) == "NotImplemented");
  auto copy = s3_request("PUT", "/b/k");
  copy.headers.emplace_back("x-amz-copy-source", "/b/other");
  CHECK(read(copy) == "NotImplemented");
  CHECK(read(s3_request("PUT", "/b?tagging", "<Tagging>")) == "MalformedXML");
  CHECK(read(s3_request("GET", "/b?list-type=2&max-keys=many")) == "InvalidArgument");
}

TEST_CASE("an upload in signed chunks is put together") {
  auto request = s3_request("PUT",
                            "/b/k",
                            "5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0\r\n"
                            "x-amz-checksum-crc32:AAAAAA==\r\n\r\n");
  request.headers.emplace_back("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  const auto call = awsapi::decode_request(request);
  REQUIRE(call);
  CHECK(*call->input.find("Body")->as_string() == "hello world");
  request.body = "5\r\nhel";
  CHECK(read(request) == "IncompleteBody");
}

TEST_CASE("answers and errors of a REST service") {
  awsapi::s3::GetObjectResponse output;
  output.body = awsapi::Blob{"text"};
  output.last_modified = awsapi::Timestamp{784'111'777'000};
  const auto& get = awsapi::s3::GetObjectRequest::operation();
  auto message = awsapi::encode_response(get, output.to_node(awsapi::EmptyLists::write), "id-1");
  CHECK(message.body == "text");
  CHECK(header(message, "Last-Modified") == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(header(message, "x-amz-request-id") == "id-1");

  message = awsapi::encode_error(&awsapi::s3::service(), {"NoSuchKey", "gone", 400, "id-2"});
  CHECK(message.status == 404);
  const auto read_back = awsapi::decode_response(get, message);
  REQUIRE_FALSE(read_back);
  CHECK(read_back.error().code == "NoSuchKey");
  CHECK(read_back.error().message == "gone");

  const auto& head = awsapi::s3::HeadBucketRequest::operation();
  CHECK(awsapi::decode_response(head, {404, "/", {}, ""}).error().code == "NotFound");
  CHECK(awsapi::decode_response(head, {403, "/", {}, ""}).error().code == "AccessDenied");
}
