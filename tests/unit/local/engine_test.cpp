#include "local/engine.hpp"

#include <optional>

#include <doctest/doctest.h>

#include "awsapi/iam.hpp"
#include "support/fake_context.hpp"

namespace {

struct EngineWorld {
  test::FakeClock clock;
  local::ControlLoop loop;
  test::InlineWorkers workers{loop};
  test::MemoryStore store;
  test::CounterIds ids;
  local::Engine engine{{.engine_id = "e1"},
                       {store, loop, workers, clock, ids, [](std::string_view) {}}};
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
