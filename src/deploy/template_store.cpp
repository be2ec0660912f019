#include "deploy/template_store.hpp"

#include <utility>

#include "awsapi/s3.hpp"
#include "doc/json_writer.hpp"
#include "util/hash.hpp"

namespace deploy {
namespace {

namespace s3 = awsapi::s3;

bool is_code(const ApiError& error, std::string_view code) {
  return error.kind == ApiError::Kind::answered && error.code == code;
}

// Nobody may read or write it without encryption on the way.
std::string bucket_policy(const TemplateStore& store) {
  const std::string arn = "arn:" + store.partition() + ":s3:::" + store.bucket();
  const doc::Node statement = doc::map(
      {{"Sid", doc::Node{"TlsOnly"}},
       {"Effect", doc::Node{"Deny"}},
       {"Principal", doc::Node{"*"}},
       {"Action", doc::Node{"s3:*"}},
       {"Resource", doc::list({doc::Node{arn}, doc::Node{arn + "/*"}})},
       {"Condition",
        doc::map({{"Bool", doc::map({{"aws:SecureTransport", doc::Node{"false"}}})}})}});
  return doc::to_json(doc::map(
      {{"Version", doc::Node{"2012-10-17"}}, {"Statement", doc::list({statement})}}));
}

class Store {
 public:
  Store(World& world, const TemplateStore& store) : world_(world), store_(store) {}

  // The bucket is there and this account's.
  util::Result<void, Problem> ensure_bucket() {
    s3::HeadBucketRequest head;
    head.bucket = store_.bucket();
    head.expected_bucket_owner = store_.account;
    const auto found = world_.api.send(head);
    if (found) {
      return is_tagged() ? util::Result<void, Problem>() : secure();
    }
    if (is_code(found.error(), "AccessDenied")) {
      return util::unexpected(Problem(Failed{
          "bucket `" + store_.bucket() + "` cannot be used: access is denied",
          {},
          "the bucket belongs to another account, or these credentials lack s3:ListBucket"}));
    }
    if (!is_code(found.error(), "NotFound")) {
      return util::unexpected(Problem(found.error()));
    }
    return create();
  }

  util::Result<void, Problem> put(const std::string& key, const std::string& body) {
    s3::HeadObjectRequest head;
    head.bucket = store_.bucket();
    head.key = key;
    head.expected_bucket_owner = store_.account;
    if (world_.api.send(head)) {
      return {};
    }
    s3::PutObjectRequest request;
    request.bucket = store_.bucket();
    request.key = key;
    request.body = awsapi::Blob{body};
    request.content_type = "application/json";
    request.expected_bucket_owner = store_.account;
    return send(request);
  }

 private:
  template <class Request>
  util::Result<void, Problem> send(const Request& request) {
    const auto answer = world_.api.send(request);
    if (!answer) {
      return util::unexpected(Problem(answer.error()));
    }
    return {};
  }

  // The tag is put last: without it, an earlier run was cut off.
  bool is_tagged() {
    s3::GetBucketTaggingRequest request;
    request.bucket = store_.bucket();
    request.expected_bucket_owner = store_.account;
    const auto tags = world_.api.send(request);
    return tags || !is_code(tags.error(), "NoSuchTagSet");
  }

  util::Result<void, Problem> create() {
    s3::CreateBucketRequest request;
    request.bucket = store_.bucket();
    if (store_.region != "us-east-1") {  // whose name S3 does not accept there
      request.create_bucket_configuration.emplace().location_constraint = store_.region;
    }
    const auto created = world_.api.send(request);
    if (!created && !is_code(created.error(), "BucketAlreadyOwnedByYou")) {
      return util::unexpected(Problem(created.error()));
    }
    world_.observer.on_remark("created bucket " + store_.bucket() +
                              " for templates of more than 51200 bytes");
    return secure();
  }

  util::Result<void, Problem> secure() {
    s3::PutPublicAccessBlockRequest block;
    block.bucket = store_.bucket();
    block.expected_bucket_owner = store_.account;
    auto& access = block.public_access_block_configuration;
    access.block_public_acls = true;
    access.ignore_public_acls = true;
    access.block_public_policy = true;
    access.restrict_public_buckets = true;
    s3::PutBucketEncryptionRequest encryption;
    encryption.bucket = store_.bucket();
    encryption.expected_bucket_owner = store_.account;
    auto& rule = encryption.server_side_encryption_configuration.rules.emplace_back();
    rule.apply_server_side_encryption_by_default.emplace().sse_algorithm = "AES256";
    s3::PutBucketTaggingRequest tagging;
    tagging.bucket = store_.bucket();
    tagging.expected_bucket_owner = store_.account;
    tagging.tagging.tag_set.push_back({"com.docker.compose.templates", "docker-ecs"});
    s3::PutBucketPolicyRequest policy;
    policy.bucket = store_.bucket();
    policy.expected_bucket_owner = store_.account;
    policy.policy = bucket_policy(store_);
    auto done = send(block);
    done = done ? send(encryption) : done;
    done = done ? send(policy) : done;
    return done ? send(tagging) : done;
  }

  World& world_;
  const TemplateStore& store_;
};

}  // namespace

std::string TemplateStore::bucket() const {
  return "docker-ecs-" + account + "-" + region;
}

std::string TemplateStore::partition() const {
  return region.starts_with("cn-") ? "aws-cn" : region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

std::string template_key(std::string_view stack_name, std::string_view body) {
  return std::string(stack_name) + "/" + util::sha256_hex(body) + ".json";
}

util::Result<std::string, Problem> store_template(World& world,
                                                  const TemplateStore& store,
                                                  std::string_view stack_name,
                                                  const std::string& body) {
  Store run(world, store);
  auto done = run.ensure_bucket();
  const std::string key = template_key(stack_name, body);
  done = done ? run.put(key, body) : done;
  if (!done) {
    return util::unexpected(std::move(done.error()));
  }
  return store.url + "/" + store.bucket() + "/" + key;
}

}  // namespace deploy
