#include "local/actions/s3.hpp"

#include <doctest/doctest.h>

#include "support/fake_context.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace s3_api = awsapi::s3;

struct S3World {
  test::FakeContext fake;
  test::TempDir directory;
  local::ActionTable actions;
  local::S3 s3{fake.context, directory.path() + "/objects"};

  S3World() {
    s3.add_actions(actions);
    s3_api::CreateBucketRequest create;
    create.bucket = "templates";
    REQUIRE(actions.call(create));
  }

  std::string put(const std::string& key, const std::string& text) {
    s3_api::PutObjectRequest request;
    request.bucket = "templates";
    request.key = key;
    request.body = awsapi::Blob{text};
    const auto done = actions.call(request);
    return done ? *done->e_tag : done.error().code;
  }

  std::string get(const std::string& key) {
    s3_api::GetObjectRequest request;
    request.bucket = "templates";
    request.key = key;
    const auto got = actions.call(request);
    return got ? got->body->bytes : got.error().code;
  }
};

std::string address(std::string_view url) {
  const auto found = local::parse_object_url(url);
  return found ? found->bucket + "|" + found->key : "none";
}

}  // namespace

TEST_CASE("an object is what was put last, also after a restart") {
  S3World world;
  CHECK(world.get("a/b.json") == "NoSuchKey");
  const std::string first = world.put("a/b.json", "one");
  CHECK(world.put("a/b.json", std::string("t\0o", 3)) != first);
  CHECK(world.get("a/b.json") == std::string("t\0o", 3));
  local::S3 again(world.fake.context, world.directory.path() + "/objects");
  again.restore();
  local::ActionTable table;
  again.add_actions(table);
  s3_api::HeadObjectRequest head;
  head.bucket = "templates";
  head.key = "a/b.json";
  CHECK(table.call(head)->content_length == 3);
  s3_api::DeleteBucketRequest remove;
  remove.bucket = "templates";
  CHECK(table.call(remove).error().code == "BucketNotEmpty");
  s3_api::DeleteObjectRequest erase;
  erase.bucket = "templates";
  erase.key = "a/b.json";
  REQUIRE(table.call(erase));
  CHECK(table.call(head).error().http_status == 404);
  CHECK(table.call(remove));
}

TEST_CASE("listing gives keys, folders and pages") {
  S3World world;
  for (const char* key : {"a", "d/1", "d/2", "e/1", "f"}) {
    world.put(key, key);
  }
  s3_api::ListObjectsV2Request request;
  request.bucket = "templates";
  request.delimiter = "/";
  request.max_keys = 2;
  std::string seen;
  for (int page = 0; page < 4; ++page) {
    const auto got = world.actions.call(request);
    REQUIRE(got);
    for (const auto& object : got->contents) {
      seen += *object.key + " ";
    }
    for (const auto& prefix : got->common_prefixes) {
      seen += *prefix.prefix + " ";
    }
    if (!*got->is_truncated) {
      break;
    }
    request.continuation_token = got->next_continuation_token;
  }
  CHECK(seen == "a d/ f e/ ");
  request.continuation_token.reset();
  request.delimiter.reset();
  request.prefix = "d/";
  CHECK(world.actions.call(request)->key_count == 2);
}

TEST_CASE("a bucket keeps its settings and has a proper name") {
  S3World world;
  s3_api::CreateBucketRequest create;
  create.bucket = "Not_A_Bucket";
  CHECK(world.actions.call(create).error().code == "InvalidBucketName");
  s3_api::GetBucketTaggingRequest ask;
  ask.bucket = "templates";
  CHECK(world.actions.call(ask).error().code == "NoSuchTagSet");
  s3_api::PutBucketTaggingRequest tag;
  tag.bucket = "templates";
  tag.tagging.tag_set = {{"owner", "me"}};
  REQUIRE(world.actions.call(tag));
  CHECK(world.actions.call(ask)->tag_set.front().value == "me");
}

TEST_CASE("every form of an object's URL names it") {
  CHECK(address("https://b.s3.us-east-1.amazonaws.com/k/e%20y") == "b|k/e y");
  CHECK(address("https://b.s3-eu-west-1.amazonaws.com/k") == "b|k");
  CHECK(address("https://s3.us-east-1.amazonaws.com/b/k?versionId=1") == "b|k");
  CHECK(address("http://127.0.0.1:4566/b/k") == "b|k");
  CHECK(address("http://b.localhost:4566/k") == "b|k");
  CHECK(address("http://b.s3.localhost:4566/k") == "b|k");
  CHECK(address("https://example.com/b/k") == "none");
  CHECK(address("https://b.s3.amazonaws.com/") == "none");
  CHECK(address("not a url") == "none");
}
