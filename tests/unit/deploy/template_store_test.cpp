#include "deploy/template_store.hpp"

#include <doctest/doctest.h>

#include "scripted_api.hpp"

namespace {

class Remarks final : public deploy::Observer {
 public:
  void on_step(const deploy::Step& /*step*/) override {}

  void on_changes(const std::vector<deploy::PlannedChange>& /*changes*/) override {}

  void on_event(const deploy::StackEvent& /*event*/) override {}

  void on_remark(const std::string& line) override { lines.push_back(line); }

  std::vector<std::string> lines;
};

struct Fixture {
  test::ScriptedApi api;
  Remarks remarks;
  deploy::World world{.api = api,
                      .observer = remarks,
                      .pause = [](std::chrono::milliseconds) { return true; },
                      .new_token = [] { return std::string("t"); }};
  deploy::TemplateStore store{"123456789012", "eu-west-1", "https://s3.eu-west-1.amazonaws.com"};

  void refuse(const std::string& operation, const std::string& code) {
    api.fail(operation, {deploy::ApiError::Kind::answered, code, "HTTP"});
  }

  util::Result<std::string, deploy::Problem> put() {
    return deploy::store_template(world, store, "app", "{}");
  }
};

constexpr std::string_view kUrl =
    "https://s3.eu-west-1.amazonaws.com/docker-ecs-123456789012-eu-west-1/app/"
    "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a.json";

}  // namespace

TEST_CASE("the first large template makes a bucket that is private, encrypted, tagged and TLS only") {
  Fixture f;
  f.refuse("HeadBucket", "NotFound");
  f.refuse("HeadObject", "NotFound");
  const auto url = f.put();
  REQUIRE(url);
  CHECK(*url == kUrl);
  CHECK(f.api.calls_of("CreateBucket").front().find("\"LocationConstraint\":\"eu-west-1\"") !=
        std::string::npos);
  CHECK(f.api.calls_of("PutPublicAccessBlock").front().find("\"RestrictPublicBuckets\":true") !=
        std::string::npos);
  CHECK(f.api.calls_of("PutBucketEncryption").front().find("AES256") != std::string::npos);
  CHECK(f.api.calls_of("PutBucketPolicy").front().find("aws:SecureTransport") !=
        std::string::npos);
  CHECK(f.api.calls_of("PutBucketTagging").size() == 1);
  CHECK(f.api.calls_of("PutObject").size() == 1);
  CHECK(f.remarks.lines.size() == 1);
}

TEST_CASE("the same template is stored once") {
  Fixture f;
  CHECK(f.put().value() == kUrl);
  CHECK(f.api.calls_of("CreateBucket").empty());
  CHECK(f.api.calls_of("PutObject").empty());
}

TEST_CASE("a bucket whose making was cut off is finished") {
  Fixture f;
  f.refuse("GetBucketTagging", "NoSuchTagSet");
  CHECK(f.put());
  CHECK(f.api.calls_of("PutBucketPolicy").size() == 1);
}

TEST_CASE("a bucket of another account is not used") {
  Fixture f;
  f.refuse("HeadBucket", "AccessDenied");
  const auto url = f.put();
  REQUIRE_FALSE(url);
  CHECK(std::get<deploy::Failed>(url.error()).message.find("access is denied") !=
        std::string::npos);
  CHECK(f.api.calls_of("PutObject").empty());
}
