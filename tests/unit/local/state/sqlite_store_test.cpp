#include "local/state/sqlite_store.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "doc/json_writer.hpp"
#include "support/fake_context.hpp"
#include "support/temp_dir.hpp"

namespace {

const util::Clock::TimePoint kNoon{std::chrono::hours{24 * 365 * 50 + 12}};

std::unique_ptr<local::SqliteStore> opened(const std::string& path) {
  auto result = local::SqliteStore::open(path, kNoon);
  if (!result) {
    FAIL(result.error());
  }
  return std::move(result->store);
}

std::string records(local::DurableStore& store, std::string_view kind) {
  std::string text;
  store.each(kind, [&](const std::string& id, const doc::Node& body) {
    text += id + "=" + doc::to_json(body) + " ";
  });
  return text;
}

}  // namespace

TEST_CASE("committed records survive, in order of first insertion") {
  const test::TempDir dir;
  {
    const auto store = opened(dir / "engine.db");
    store->put("k", "b", doc::Node(1));
    store->put("k", "a", doc::Node(2));
    store->put("other", "b", doc::Node(9));
    CHECK(store->commit(local::Durability::machine));
    store->put("k", "b", doc::Node(3));
    store->put("k", "c", doc::Node(4));
    store->remove("k", "c");
    CHECK(store->commit(local::Durability::process));
    store->put("k", "lost", doc::Node(5));  // never committed
  }
  CHECK(records(*opened(dir / "engine.db"), "k") == "b=3 a=2 ");
}

TEST_CASE("removing and putting again is a new record") {
  const auto store = opened(":memory:");
  store->put("k", "a", doc::Node(1));
  store->put("k", "b", doc::Node(2));
  store->remove("k", "a");
  store->put("k", "a", doc::Node(3));
  CHECK(records(*store, "k") == "b=2 a=3 ");
}

TEST_CASE("a damaged database is kept aside and a fresh one begun") {
  const test::TempDir dir;
  const std::string path = dir / "engine.db";
  std::string before;
  SUBCASE("no database at all") {
    before = std::string(20'000, 'x');
  }
  SUBCASE("damaged in the middle") {
    {
      const auto store = opened(path);
      for (int i = 0; i < 500; ++i) {
        store->put("k", std::to_string(i), doc::Node(std::string(200, 'y')));
      }
      REQUIRE(store->commit(local::Durability::machine));
    }
    std::ifstream in(path, std::ios::binary);
    before.assign(std::istreambuf_iterator<char>(in), {});
    for (std::size_t i = 4096; i < before.size(); i += 7) {
      before[i] = static_cast<char>(before[i] ^ 0x5a);
    }
  }
  std::ofstream(path, std::ios::binary) << before;
  const auto again = local::SqliteStore::open(path, kNoon);
  REQUIRE(again.has_value());
  CHECK(again->set_aside == path + ".corrupt-20191220T120000Z");
  std::ifstream kept(again->set_aside, std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(kept), {}) == before);
  CHECK(records(*again->store, "k").empty());
  again->store->put("k", "a", doc::Node(1));
  CHECK(again->store->commit(local::Durability::machine));
}

TEST_CASE("a directory that cannot be written is an error for the user") {
  const auto store = local::SqliteStore::open("/proc/nowhere/engine.db", kNoon);
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().find("/proc/nowhere/engine.db") != std::string::npos);
}

TEST_CASE("a full disk fails the commit, and the writes are there once there is room") {
  const test::TempDir dir;
  const auto store = opened(dir / "engine.db");
  store->put("k", "first", doc::Node(1));
  REQUIRE(store->commit(local::Durability::machine));
  REQUIRE(store->database().execute("PRAGMA max_page_count=1").has_value());
  store->put("k", "big", doc::Node(std::string(100'000, 'z')));
  CHECK_FALSE(store->commit(local::Durability::machine));
  CHECK(store->problem().find("full") != std::string::npos);
  store->put("k", "small", doc::Node(2));
  CHECK_FALSE(store->commit(local::Durability::machine));
  REQUIRE(store->database().execute("PRAGMA max_page_count=100000").has_value());
  CHECK(store->commit(local::Durability::machine));
  CHECK(opened(dir / "engine.db")->database().number("SELECT count(*) FROM records") == 3);
}
