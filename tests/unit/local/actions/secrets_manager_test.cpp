#include "local/actions/secrets_manager.hpp"

#include <doctest/doctest.h>

#include "doc/json_writer.hpp"
#include "support/fake_context.hpp"

namespace {

namespace api = awsapi::secretsmanager;

struct SecretWorld {
  test::FakeContext fake;
  local::ActionTable actions;
  local::Sealer sealer{std::string(32, 'k')};
  local::SecretsManager secrets{fake.context, sealer};

  SecretWorld() { secrets.add_actions(actions); }

  template <class Request>
  auto ok(const Request& request) {
    auto response = actions.call(request);
    if (!response) {
      FAIL(response.error().code << ": " << response.error().message);
    }
    return std::move(*response);
  }

  template <class Request>
  std::string error(const Request& request) {
    const auto response = actions.call(request);
    return response ? "no error" : response.error().code + ": " + response.error().message;
  }

  std::string create(const std::string& name, const std::string& value) {
    api::CreateSecretRequest request;
    request.name = name;
    request.secret_string = value;
    return ok(request).arn.value();
  }

  std::string value(const std::string& id, const std::string& stage = "AWSCURRENT") {
    api::GetSecretValueRequest request;
    request.secret_id = id;
    request.version_stage = stage;
    const auto response = actions.call(request);
    return response ? response->secret_string.value_or("binary") : response.error().code;
  }
};

}  // namespace

TEST_CASE("a secret is found by its name, its ARN and its ARN without the suffix") {
  SecretWorld world;
  const std::string arn = world.create("app/token", "s3cr3t");
  CHECK(arn.starts_with("arn:aws:secretsmanager:us-east-1:000000000000:secret:app/token-"));
  CHECK(arn.size() ==
        std::string("arn:aws:secretsmanager:us-east-1:000000000000:secret:app/token-").size() + 6);
  CHECK(world.value("app/token") == "s3cr3t");
  CHECK(world.value(arn) == "s3cr3t");
  CHECK(world.value(arn.substr(0, arn.size() - 7)) == "s3cr3t");
  CHECK(world.value("app") == "ResourceNotFoundException");
}

TEST_CASE("values are unreadable in the store and readable after a restart") {
  SecretWorld world;
  const std::string arn = world.create("a", "hunter2-plain");
  world.fake.store.each("secretsmanager.secret", [](const std::string&, const doc::Node& body) {
    CHECK(doc::to_json(body).find("hunter2") == std::string::npos);
  });
  local::SecretsManager again(world.fake.context, world.sealer);
  local::ActionTable actions;
  again.add_actions(actions);
  again.restore();
  api::GetSecretValueRequest get;
  get.secret_id = arn;
  CHECK(actions.call(get)->secret_string == "hunter2-plain");

  const local::Sealer other(std::string(32, 'x'));
  local::SecretsManager without_key(world.fake.context, other);
  local::ActionTable blind;
  without_key.add_actions(blind);
  without_key.restore();
  CHECK(blind.call(get).error().code == "DecryptionFailure");
}

TEST_CASE("a new value moves the labels") {
  SecretWorld world;
  world.create("a", "one");
  api::PutSecretValueRequest put;
  put.secret_id = "a";
  put.secret_string = "two";
  world.ok(put);
  CHECK(world.value("a") == "two");
  CHECK(world.value("a", "AWSPREVIOUS") == "one");
  put.secret_string = "three";
  put.version_stages = {"BLUE"};
  world.ok(put);
  CHECK(world.value("a") == "two");
  CHECK(world.value("a", "BLUE") == "three");
  put.secret_string = "four";
  put.version_stages = {"AWSCURRENT"};
  world.ok(put);
  CHECK(world.value("a", "AWSPREVIOUS") == "two");
  api::ListSecretVersionIdsRequest versions;
  versions.secret_id = "a";
  CHECK(world.ok(versions).versions.size() == 3);
  versions.include_deprecated = true;
  CHECK(world.ok(versions).versions.size() == 4);
}

TEST_CASE("a repeated request has one effect") {
  SecretWorld world;
  api::CreateSecretRequest create;
  create.name = "a";
  create.secret_string = "one";
  create.client_request_token = std::string(32, 't');
  const auto first = world.ok(create);
  CHECK(world.ok(create).arn == first.arn);
  create.secret_string = "other";
  CHECK(world.error(create) ==
        "ResourceExistsException: The operation failed because the secret a already exists.");
  api::PutSecretValueRequest put;
  put.secret_id = "a";
  put.secret_string = "two";
  put.client_request_token = std::string(32, 't');
  CHECK(world.error(put).starts_with("ResourceExistsException: You can't use ClientRequestToken"));
  put.secret_string = "one";
  CHECK(world.ok(put).version_id == std::string(32, 't'));
}

TEST_CASE("a deleted secret can come back until its window ends") {
  SecretWorld world;
  world.create("a", "one");
  api::DeleteSecretRequest remove;
  remove.secret_id = "a";
  remove.recovery_window_in_days = 6;
  CHECK(world.error(remove).starts_with(
      "InvalidParameterException: The RecoveryWindowInDays value must be between"));
  remove.recovery_window_in_days = 7;
  world.ok(remove);
  CHECK(world.value("a") == "InvalidRequestException");
  CHECK(world.ok(api::ListSecretsRequest{}).secret_list.empty());
  api::CreateSecretRequest create;
  create.name = "a";
  CHECK(
      world.error(create) ==
      "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled "
      "for deletion.");
  world.fake.advance(std::chrono::hours(24 * 6));
  api::RestoreSecretRequest restore;
  restore.secret_id = "a";
  world.ok(restore);
  CHECK(world.value("a") == "one");
  world.fake.advance(std::chrono::hours(24 * 2));
  CHECK(world.value("a") == "one");
  world.ok(remove);
  world.fake.advance(std::chrono::hours(24 * 7));
  CHECK(world.value("a") == "ResourceNotFoundException");
  CHECK(world.fake.store.count("secretsmanager.secret") == 0);
}

TEST_CASE("a forced deletion is at once, also of what does not exist") {
  SecretWorld world;
  const std::string arn = world.create("a", "one");
  api::DeleteSecretRequest remove;
  remove.secret_id = arn;
  remove.force_delete_without_recovery = true;
  world.ok(remove);
  world.ok(remove);
  CHECK_FALSE(world.create("a", "two").empty());
  remove.recovery_window_in_days = 7;
  CHECK(world.error(remove).starts_with("InvalidParameterException"));
}

TEST_CASE("what AWS refuses is refused") {
  SecretWorld world;
  api::CreateSecretRequest create;
  create.name = "no spaces";
  CHECK(world.error(create).starts_with("ValidationException: Invalid name."));
  create.name = "both";
  create.secret_string = "x";
  create.secret_binary = awsapi::Blob{"y"};
  CHECK(world.error(create).starts_with("InvalidParameterException: You can't specify both"));
  create.secret_string.reset();
  world.ok(create);
  CHECK(world.value("both") == "binary");
  create.name = "empty";
  create.secret_binary.reset();
  CHECK_FALSE(world.ok(create).version_id.has_value());
  CHECK(world.value("empty") == "ResourceNotFoundException");
  api::PutSecretValueRequest put;
  put.secret_id = "empty";
  CHECK(world.error(put).starts_with("InvalidParameterException"));
}

TEST_CASE("lists are filtered, sorted and cut into pages") {
  SecretWorld world;
  for (const char* name : {"prod/a", "prod/b", "test/a"}) {
    world.create(name, "v");
    world.fake.advance(std::chrono::seconds(1));
  }
  api::TagResourceRequest tag;
  tag.secret_id = "test/a";
  tag.tags.push_back({"team", "blue"});
  world.ok(tag);
  const auto names = [&](const std::string& key, std::vector<std::string> values) {
    api::ListSecretsRequest request;
    request.filters.push_back({key, std::move(values)});
    std::string text;
    for (const auto& entry : world.ok(request).secret_list) {
      text += entry.name.value() + " ";
    }
    return text;
  };
  CHECK(names("name", {"prod/"}) == "prod/a prod/b ");
  CHECK(names("name", {"!prod/"}) == "test/a ");
  CHECK(names("tag-key", {"te"}) == "test/a ");
  CHECK(names("all", {"BLUE"}) == "test/a ");
  api::ListSecretsRequest pages;
  pages.max_results = 2;
  pages.sort_order = "desc";
  const auto first = world.ok(pages);
  CHECK(first.secret_list.at(0).name == "test/a");
  pages.next_token = first.next_token;
  CHECK(world.ok(pages).secret_list.size() == 1);
  pages.next_token = "x";
  CHECK(world.error(pages).starts_with("InvalidNextTokenException"));
  CHECK(world.fake.log_lines.empty());
}

TEST_CASE("a sealed value opens only under its key and context") {
  const local::Sealer sealer(local::Sealer::new_key());
  const std::string sealed = sealer.seal("value", "here");
  CHECK(sealer.open(sealed, "here") == "value");
  CHECK_FALSE(sealer.open(sealed, "there").has_value());
  CHECK_FALSE(sealer.open("AAAA", "here").has_value());
  CHECK_FALSE(local::Sealer(local::Sealer::new_key()).open(sealed, "here").has_value());
  CHECK(sealer.seal("value", "here") != sealed);
  CHECK(sealer.open(sealer.seal("", "c"), "c") == "");
}
