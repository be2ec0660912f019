#include "local/engine.hpp"

#include <optional>

#include <doctest/doctest.h>

#include "awsapi/iam.hpp"
#include "awsapi/secretsmanager.hpp"
#include "support/fake_context.hpp"
#include "support/fake_docker.hpp"

namespace {

struct EngineWorld {
  test::FakeClock clock;
  local::ControlLoop loop;
  test::InlineWorkers workers{loop};
  test::MemoryStore store;
  test::CounterIds ids;
  test::FakeDocker docker;
  local::Sealer sealer{std::string(32, 'k')};
  std::unique_ptr<local::LogStorage> logs =
      std::move(local::LogStorage::open(":memory:", clock.now())->storage);
  local::Engine engine{
      {.engine_id = "e1"},
      {store, loop, workers, clock, ids, sealer, *logs, docker, [](std::string_view) {}}};
};

}  // namespace

TEST_CASE("an operation that no module has is an error in the service's own vocabulary") {
  EngineWorld world;
  std::optional<std::string> code;
  const awsapi::Operation* operation = awsapi::iam::service().find("GetRole");
  REQUIRE(operation != nullptr);
  awsapi::Operation missing = *operation;
  missing.name = "Nothing";
  world.engine.post_call(missing, doc::map({}), [&](auto result) { code = result.error().code; });
  CHECK_FALSE(code.has_value());
  world.engine.step(world.clock.now());
  CHECK(code == "InvalidAction");
}

TEST_CASE("nothing is acknowledged while the disk takes no writes, and reading goes on") {
  EngineWorld world;
  world.engine.restore();
  std::string answers;
  const auto create = [&](const std::string& name) {
    awsapi::secretsmanager::CreateSecretRequest request;
    request.name = name;
    world.engine.post_call(
        awsapi::secretsmanager::CreateSecretRequest::operation(),
        request.to_node(awsapi::EmptyLists::omit),
        [&](auto result) { answers += result ? "ok " : result.error().code + " "; });
    world.engine.step(world.clock.now());
    return std::exchange(answers, {});
  };
  const auto count = [&] {
    std::size_t found = 0;
    world.engine.post_call(
        awsapi::secretsmanager::ListSecretsRequest::operation(), doc::map({}), [&](auto result) {
          found = result->find("SecretList")->as_sequence()->items.size();
        });
    world.engine.step(world.clock.now());
    return found;
  };
  CHECK(create("a") == "ok ");
  world.store.fail_commits = true;
  CHECK(create("b") == "InternalFailure ");
  CHECK(world.engine.storage_failing());
  CHECK(create("c") == "InternalFailure ");
  CHECK(count() ==
        2);  // b took effect in memory and is written as soon as it can be; c was not begun
  world.store.fail_commits = false;
  CHECK(create("d") == "ok ");
  CHECK_FALSE(world.engine.storage_failing());
  CHECK(count() == 3);
}

TEST_CASE("answers wait for one commit of the whole step") {
  EngineWorld world;
  world.engine.restore();
  const std::size_t before = world.store.commits;
  int answered = 0;
  for (int i = 0; i < 10; ++i) {
    awsapi::secretsmanager::CreateSecretRequest request;
    request.name = "s" + std::to_string(i);
    world.engine.post_call(
        awsapi::secretsmanager::CreateSecretRequest::operation(),
        request.to_node(awsapi::EmptyLists::omit),
        [&](auto result) { answered += result && world.store.commits == before + 1 ? 1 : 0; });
  }
  world.engine.step(world.clock.now());
  CHECK(answered == 10);
  CHECK(world.store.commits == before + 1);
}

TEST_CASE("a fake context stops at each timer on the way") {
  test::FakeContext fake;
  std::vector<int> ran;
  fake.context.timers.at(fake.clock.now() + std::chrono::seconds(2), [&] { ran.push_back(2); });
  fake.context.timers.at(fake.clock.now() + std::chrono::seconds(1), [&] {
    ran.push_back(1);
    fake.context.timers.at(fake.context.now() + std::chrono::seconds(5), [&] { ran.push_back(6); });
  });
  fake.advance(std::chrono::seconds(3));
  CHECK(ran == std::vector<int>{1, 2});
  fake.advance(std::chrono::seconds(3));
  CHECK(ran == std::vector<int>{1, 2, 6});
}
