#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/s3.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "util/result.hpp"

namespace local {

// As much of S3 as large templates need: buckets with their settings, and objects whose bytes are
// files of one directory (0600). No versions, no parts, no access control; an object is at most
// what one request of the endpoint carries.
class S3 {
 public:
  // An empty directory: nothing can be put.
  S3(Context& context, std::string directory)
      : context_(context), directory_(std::move(directory)) {}

  void add_actions(ActionTable& table);
  void restore();

 private:
  struct Object {
    std::string etag;
    std::string content_type;
    std::int64_t size = 0;
    std::int64_t modified_ms = 0;
    std::map<std::string, std::string, std::less<>> metadata;
  };

  struct Bucket {
    std::int64_t created_ms = 0;
    std::vector<awsapi::s3::Tag> tags;
    std::optional<awsapi::s3::PublicAccessBlockConfiguration> access_block;
    std::optional<awsapi::s3::ServerSideEncryptionConfiguration> encryption;
    std::optional<std::string> policy;
    std::map<std::string, Object, std::less<>> objects;  // by key
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;

  void add_bucket_actions(ActionTable& table);
  void add_setting_actions(ActionTable& table);
  void add_object_actions(ActionTable& table);

  Answer<Bucket*> bucket(std::string_view name);
  Answer<Object*> object(std::string_view bucket_name, std::string_view key);
  Answer<awsapi::s3::CreateBucketResponse> create(const awsapi::s3::CreateBucketRequest& request);
  Answer<awsapi::s3::PutObjectResponse> put(const awsapi::s3::PutObjectRequest& request);
  Answer<awsapi::s3::GetObjectResponse> get(const awsapi::s3::GetObjectRequest& request);
  Answer<awsapi::s3::ListObjectsV2Response> list(const awsapi::s3::ListObjectsV2Request& request);
  void remove_object(const std::string& bucket_name, Bucket& bucket, const std::string& key);
  void save(const std::string& name, const Bucket& bucket);
  void save(const std::string& bucket_name, const std::string& key, const Object& object);
  [[nodiscard]] std::string file_of(std::string_view bucket_name, std::string_view key) const;

  Context& context_;
  std::string directory_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

// Bucket and key of "https://bucket.s3.region.amazonaws.com/key", "https://s3.…/bucket/key" or the
// engine's own "http://127.0.0.1:4566/bucket/key"; nothing for another URL.
struct ObjectAddress {
  std::string bucket;
  std::string key;
};

std::optional<ObjectAddress> parse_object_url(std::string_view url);

}  // namespace local
