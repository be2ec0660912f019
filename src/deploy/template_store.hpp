#pragma once

#include <string>
#include <string_view>

#include "deploy/execute.hpp"

namespace deploy {

// Where templates go that are too large for a request: one bucket in each account and region, made
// when it is first needed. Its name says whose it is, it is tagged and encrypted, blocks public
// access and refuses plain HTTP. Objects are named by their content, so that the same template is
// the same object.
struct TemplateStore {
  std::string account;
  std::string region;
  std::string url;  // of S3, without the bucket: "https://s3.eu-west-1.amazonaws.com"

  [[nodiscard]] std::string bucket() const;  // "docker-ecs-123456789012-eu-west-1"
  [[nodiscard]] std::string partition() const;
};

// "app/<sha256>.json"
std::string template_key(std::string_view stack_name, std::string_view body);

// Puts `body` into the store, unless it is there; the URL that CloudFormation reads it from. A
// bucket that somebody else owns is never used. What is created is said by Observer::on_remark.
util::Result<std::string, Problem> store_template(World& world,
                                                  const TemplateStore& store,
                                                  std::string_view stack_name,
                                                  const std::string& body);

}  // namespace deploy
