#include "local/actions/s3.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "local/store.hpp"
#include "net/url.hpp"
#include "util/atomic_file.hpp"
#include "util/hash.hpp"
#include "util/strings.hpp"
#include "util/uri.hpp"

namespace local {
namespace {

namespace s3_api = awsapi::s3;
using awsapi::EmptyLists;

constexpr std::string_view kBuckets = "s3.bucket";
constexpr std::string_view kObjects = "s3.object";
constexpr std::int64_t kMostKeys = 1000;
constexpr std::size_t kEtagLength = 32;
constexpr std::size_t kLongestKey = 1024;

ApiError s3_error(std::string code, std::string message, int status) {
  return {std::move(code), std::move(message), status};
}

bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 &&
         std::all_of(name.begin(),
                     name.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || util::is_digit(c) || c == '-' || c == '.';
                     }) &&
         name.front() != '-' && name.back() != '-' && name.find("..") == std::string_view::npos;
}

std::string text_of(const doc::Node& node, std::string_view name) {
  const doc::Node* value = node.find(name);
  return value != nullptr && value->as_string() != nullptr ? *value->as_string() : std::string();
}

std::int64_t number_of(const doc::Node& node, std::string_view name) {
  const doc::Node* value = node.find(name);
  return value != nullptr && value->as_int() != nullptr ? *value->as_int() : 0;
}

std::optional<std::string> read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool names_s3(std::string_view label) {
  return label == "s3" || label.starts_with("s3-");
}

}  // namespace

std::optional<ObjectAddress> parse_object_url(std::string_view text) {
  const auto url = net::parse_url(text);
  if (!url) {
    return std::nullopt;
  }
  std::string_view path = std::string_view(url->target).substr(0, url->target.find('?'));
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  const std::string host = util::to_lower(url->host);
  std::string bucket;
  for (const std::string_view service : {".s3.", ".s3-", ".localhost"}) {
    const std::size_t at = host.find(service);
    if (bucket.empty() && at != std::string::npos && at > 0 && host != "s3.localhost") {
      bucket = host.substr(0, at);
    }
  }
  const bool amazon = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
  const bool loopback = host == "localhost" || host.starts_with("127.") || host == "::1" ||
                        host.ends_with(".localhost");
  if ((!amazon && !loopback) ||
      (amazon && bucket.empty() && !names_s3(host.substr(0, host.find('.'))))) {
    return std::nullopt;
  }
  if (bucket.empty()) {
    const std::size_t slash = path.find('/');
    bucket = util::uri_decode(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  ObjectAddress out{std::move(bucket), util::uri_decode(path)};
  return out.bucket.empty() || out.key.empty() ? std::nullopt : std::optional(std::move(out));
}

std::string S3::file_of(std::string_view bucket_name, std::string_view key) const {
  return directory_ + "/" + util::sha256_hex(std::string(bucket_name) + "/" + std::string(key));
}

void S3::save(const std::string& name, const Bucket& bucket) {
  doc::Mapping body;
  body.set("created", doc::Node{bucket.created_ms});
  doc::Sequence tags;
  for (const s3_api::Tag& tag : bucket.tags) {
    tags.items.push_back(tag.to_node(EmptyLists::omit));
  }
  body.set("tags", doc::Node{std::move(tags)});
  if (bucket.access_block) {
    body.set("accessBlock", bucket.access_block->to_node(EmptyLists::omit));
  }
  if (bucket.encryption) {
    body.set("encryption", bucket.encryption->to_node(EmptyLists::omit));
  }
  if (bucket.policy) {
    body.set("policy", doc::Node{*bucket.policy});
  }
  context_.store.put(kBuckets, name, doc::Node{std::move(body)});
}

void S3::save(const std::string& bucket_name, const std::string& key, const Object& object) {
  doc::Mapping metadata;
  for (const auto& [name, value] : object.metadata) {
    metadata.set(name, doc::Node{value});
  }
  context_.store.put(kObjects,
                     bucket_name + "/" + key,
                     doc::map({{"bucket", doc::Node{bucket_name}},
                               {"key", doc::Node{key}},
                               {"etag", doc::Node{object.etag}},
                               {"type", doc::Node{object.content_type}},
                               {"size", doc::Node{object.size}},
                               {"modified", doc::Node{object.modified_ms}},
                               {"metadata", doc::Node{std::move(metadata)}}}));
}

void S3::restore() {
  context_.store.each(kBuckets, [this](const std::string& name, const doc::Node& body) {
    Bucket& bucket = buckets_[name];
    bucket.created_ms = number_of(body, "created");
    for (const doc::Node& tag : body.find("tags")->as_sequence()->items) {
      bucket.tags.push_back(s3_api::Tag::from_node(tag));
    }
    if (const doc::Node* block = body.find("accessBlock")) {
      bucket.access_block = s3_api::PublicAccessBlockConfiguration::from_node(*block);
    }
    if (const doc::Node* encryption = body.find("encryption")) {
      bucket.encryption = s3_api::ServerSideEncryptionConfiguration::from_node(*encryption);
    }
    if (body.find("policy") != nullptr) {
      bucket.policy = text_of(body, "policy");
    }
  });
  context_.store.each(kObjects, [this](const std::string& /*id*/, const doc::Node& body) {
    Object object;
    object.etag = text_of(body, "etag");
    object.content_type = text_of(body, "type");
    object.size = number_of(body, "size");
    object.modified_ms = number_of(body, "modified");
    for (const doc::Entry& entry : body.find("metadata")->as_mapping()->entries) {
      object.metadata[entry.key.value] = *entry.value.as_string();
    }
    buckets_[text_of(body, "bucket")].objects[text_of(body, "key")] = std::move(object);
  });
}

S3::Answer<S3::Bucket*> S3::bucket(std::string_view name) {
  const auto at = buckets_.find(name);
  if (at == buckets_.end()) {
    return util::unexpected(s3_error("NoSuchBucket", "The specified bucket does not exist", 404));
  }
  return &at->second;
}

S3::Answer<S3::Object*> S3::object(std::string_view bucket_name, std::string_view key) {
  auto found = bucket(bucket_name);
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  const auto at = (*found)->objects.find(key);
  if (at == (*found)->objects.end()) {
    return util::unexpected(s3_error("NoSuchKey", "The specified key does not exist.", 404));
  }
  return &at->second;
}

S3::Answer<s3_api::CreateBucketResponse> S3::create(const s3_api::CreateBucketRequest& request) {
  if (!is_bucket_name(request.bucket)) {
    return util::unexpected(
        s3_error("InvalidBucketName", "The specified bucket is not valid.", 400));
  }
  s3_api::CreateBucketResponse out;
  out.location = "/" + request.bucket;
  if (buckets_.contains(request.bucket)) {
    if (context_.region == "us-east-1") {
      return out;  // there it may be made again
    }
    return util::unexpected(s3_error("BucketAlreadyOwnedByYou",
                                     "Your previous request to create the named bucket succeeded "
                                     "and you already own it.",
                                     409));
  }
  Bucket made;
  made.created_ms = context_.now().time_since_epoch().count();
  save(request.bucket, made);
  buckets_[request.bucket] = std::move(made);
  return out;
}

void S3::add_bucket_actions(ActionTable& table) {
  table.add<s3_api::CreateBucketRequest>([this](const auto& r) { return create(r); });
  table.add<s3_api::HeadBucketRequest>([this](const auto& r) -> Answer<s3_api::HeadBucketResponse> {
    if (auto found = bucket(r.bucket); !found) {
      return util::unexpected(std::move(found.error()));
    }
    s3_api::HeadBucketResponse out;
    out.bucket_region = context_.region;
    return out;
  });
  table.add<s3_api::DeleteBucketRequest>(
      [this](const auto& r) -> Answer<s3_api::DeleteBucketResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        if (!(*found)->objects.empty()) {
          return util::unexpected(
              s3_error("BucketNotEmpty", "The bucket you tried to delete is not empty", 409));
        }
        buckets_.erase(r.bucket);
        context_.store.remove(kBuckets, r.bucket);
        return s3_api::DeleteBucketResponse{};
      });
  table.add<s3_api::ListBucketsRequest>([this](const auto&) -> Answer<s3_api::ListBucketsResponse> {
    s3_api::ListBucketsResponse out;
    for (const auto& [name, found] : buckets_) {
      s3_api::Bucket& one = out.buckets.emplace_back();
      one.name = name;
      one.creation_date = awsapi::Timestamp{found.created_ms};
    }
    return out;
  });
}

// The settings are kept and shown; everything here is private to this user anyway.
void S3::add_setting_actions(ActionTable& table) {
  const auto missing = [](std::string code, std::string what) {
    return util::unexpected(s3_error(std::move(code), "The " + what + " does not exist", 404));
  };
  table.add<s3_api::PutBucketTaggingRequest>(
      [this](const auto& r) -> Answer<s3_api::PutBucketTaggingResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->tags = r.tagging.tag_set;
        save(r.bucket, **found);
        return s3_api::PutBucketTaggingResponse{};
      });
  table.add<s3_api::GetBucketTaggingRequest>(
      [this, missing](const auto& r) -> Answer<s3_api::GetBucketTaggingResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        if ((*found)->tags.empty()) {
          return missing("NoSuchTagSet", "TagSet");
        }
        return s3_api::GetBucketTaggingResponse{(*found)->tags};
      });
  table.add<s3_api::PutPublicAccessBlockRequest>(
      [this](const auto& r) -> Answer<s3_api::PutPublicAccessBlockResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->access_block = r.public_access_block_configuration;
        save(r.bucket, **found);
        return s3_api::PutPublicAccessBlockResponse{};
      });
  table.add<s3_api::GetPublicAccessBlockRequest>(
      [this, missing](const auto& r) -> Answer<s3_api::GetPublicAccessBlockResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        if (!(*found)->access_block) {
          return missing("NoSuchPublicAccessBlockConfiguration",
                         "public access block configuration");
        }
        return s3_api::GetPublicAccessBlockResponse{(*found)->access_block};
      });
  table.add<s3_api::PutBucketEncryptionRequest>(
      [this](const auto& r) -> Answer<s3_api::PutBucketEncryptionResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->encryption = r.server_side_encryption_configuration;
        save(r.bucket, **found);
        return s3_api::PutBucketEncryptionResponse{};
      });
  table.add<s3_api::GetBucketEncryptionRequest>(
      [this, missing](const auto& r) -> Answer<s3_api::GetBucketEncryptionResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        if (!(*found)->encryption) {
          return missing("ServerSideEncryptionConfigurationNotFoundError",
                         "server side encryption configuration");
        }
        return s3_api::GetBucketEncryptionResponse{(*found)->encryption};
      });
  table.add<s3_api::PutBucketPolicyRequest>(
      [this](const auto& r) -> Answer<s3_api::PutBucketPolicyResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        (*found)->policy = r.policy;
        save(r.bucket, **found);
        return s3_api::PutBucketPolicyResponse{};
      });
  table.add<s3_api::GetBucketPolicyRequest>(
      [this, missing](const auto& r) -> Answer<s3_api::GetBucketPolicyResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        if (!(*found)->policy) {
          return missing("NoSuchBucketPolicy", "bucket policy");
        }
        return s3_api::GetBucketPolicyResponse{(*found)->policy};
      });
}

S3::Answer<s3_api::PutObjectResponse> S3::put(const s3_api::PutObjectRequest& request) {
  auto found = bucket(request.bucket);
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  if (request.key.size() > kLongestKey) {
    return util::unexpected(s3_error("KeyTooLongError", "Your key is too long", 400));
  }
  const std::string bytes = request.body ? request.body->bytes : std::string();
  if (directory_.empty() || (::mkdir(directory_.c_str(), S_IRWXU) != 0 && errno != EEXIST) ||
      !util::write_file_atomically(
          file_of(request.bucket, request.key), bytes, S_IRUSR | S_IWUSR)) {
    return util::unexpected(
        s3_error("InternalError", "The local engine could not write the object to disk.", 500));
  }
  Object object;
  object.etag = "\"" + util::sha256_hex(bytes).substr(0, kEtagLength) + "\"";
  object.content_type = request.content_type.value_or("binary/octet-stream");
  object.size = static_cast<std::int64_t>(bytes.size());
  object.modified_ms = context_.now().time_since_epoch().count();
  object.metadata = request.metadata;
  save(request.bucket, request.key, object);
  s3_api::PutObjectResponse out;
  out.e_tag = object.etag;
  (*found)->objects[request.key] = std::move(object);
  return out;
}

S3::Answer<s3_api::GetObjectResponse> S3::get(const s3_api::GetObjectRequest& request) {
  auto found = object(request.bucket, request.key);
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  auto bytes = read_whole(file_of(request.bucket, request.key));
  if (!bytes) {
    return util::unexpected(
        s3_error("InternalError", "The object's file is gone from the state directory.", 500));
  }
  s3_api::GetObjectResponse out;
  out.body = awsapi::Blob{std::move(*bytes)};
  out.content_length = (*found)->size;
  out.content_type = (*found)->content_type;
  out.e_tag = (*found)->etag;
  out.last_modified = awsapi::Timestamp{(*found)->modified_ms};
  out.accept_ranges = "bytes";
  out.metadata = (*found)->metadata;
  return out;
}

void S3::remove_object(const std::string& bucket_name, Bucket& from, const std::string& key) {
  if (from.objects.erase(key) > 0) {
    context_.store.remove(kObjects, bucket_name + "/" + key);
    ::unlink(file_of(bucket_name, key).c_str());
  }
}

S3::Answer<s3_api::ListObjectsV2Response> S3::list(const s3_api::ListObjectsV2Request& request) {
  auto found = bucket(request.bucket);
  if (!found) {
    return util::unexpected(std::move(found.error()));
  }
  const std::string prefix = request.prefix.value_or("");
  const std::string delimiter = request.delimiter.value_or("");
  const std::int64_t limit =
      std::clamp<std::int64_t>(request.max_keys.value_or(kMostKeys), 0, kMostKeys);
  const std::string after = request.continuation_token.value_or(request.start_after.value_or(""));
  const auto shown = [&](const std::string& text) {
    return request.encoding_type == "url" ? util::uri_encode(text, "/") : text;
  };
  s3_api::ListObjectsV2Response out;
  std::set<std::string> folders;
  std::int64_t count = 0;
  std::string last;
  for (const auto& [key, one] : (*found)->objects) {
    if (!key.starts_with(prefix) || (!after.empty() && key <= after)) {
      continue;
    }
    const std::size_t end =
        delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
    const std::string folder =
        end == std::string::npos ? "" : key.substr(0, end + delimiter.size());
    if (!folder.empty() && (folders.contains(folder) || after.starts_with(folder))) {
      last = key;
      continue;
    }
    if (count == limit) {
      out.is_truncated = true;
      out.next_continuation_token = last;
      break;
    }
    ++count;
    last = key;
    if (!folder.empty()) {
      folders.insert(folder);
      out.common_prefixes.emplace_back().prefix = shown(folder);
      continue;
    }
    s3_api::Object& entry = out.contents.emplace_back();
    entry.key = shown(key);
    entry.size = one.size;
    entry.e_tag = one.etag;
    entry.last_modified = awsapi::Timestamp{one.modified_ms};
    entry.storage_class = "STANDARD";
  }
  out.is_truncated = out.is_truncated.value_or(false);
  out.name = request.bucket;
  out.prefix = shown(prefix);
  out.delimiter = request.delimiter;
  out.max_keys = limit;
  out.key_count = count;
  out.encoding_type = request.encoding_type;
  return out;
}

void S3::add_object_actions(ActionTable& table) {
  table.add<s3_api::PutObjectRequest>([this](const auto& r) { return put(r); });
  table.add<s3_api::GetObjectRequest>([this](const auto& r) { return get(r); });
  table.add<s3_api::ListObjectsV2Request>([this](const auto& r) { return list(r); });
  table.add<s3_api::HeadObjectRequest>([this](const auto& r) -> Answer<s3_api::HeadObjectResponse> {
    auto found = object(r.bucket, r.key);
    if (!found) {
      return util::unexpected(std::move(found.error()));
    }
    s3_api::HeadObjectResponse out;
    out.content_length = (*found)->size;
    out.content_type = (*found)->content_type;
    out.e_tag = (*found)->etag;
    out.last_modified = awsapi::Timestamp{(*found)->modified_ms};
    out.metadata = (*found)->metadata;
    return out;
  });
  table.add<s3_api::DeleteObjectRequest>(
      [this](const auto& r) -> Answer<s3_api::DeleteObjectResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        remove_object(r.bucket, **found, r.key);
        return s3_api::DeleteObjectResponse{};
      });
  table.add<s3_api::DeleteObjectsRequest>(
      [this](const auto& r) -> Answer<s3_api::DeleteObjectsResponse> {
        auto found = bucket(r.bucket);
        if (!found) {
          return util::unexpected(std::move(found.error()));
        }
        s3_api::DeleteObjectsResponse out;
        for (const s3_api::ObjectIdentifier& which : r.delete_.objects) {
          remove_object(r.bucket, **found, which.key);
          if (!r.delete_.quiet.value_or(false)) {
            out.deleted.emplace_back().key = which.key;
          }
        }
        return out;
      });
}

void S3::add_actions(ActionTable& table) {
  add_bucket_actions(table);
  add_setting_actions(table);
  add_object_actions(table);
}

}  // namespace local
