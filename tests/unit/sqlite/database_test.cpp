#include "sqlite/database.hpp"

#include <fstream>

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"

namespace {

sqlite::Database open_or_fail(const std::string& path) {
  auto database = sqlite::Database::open(path);
  REQUIRE(database.has_value());
  return std::move(*database);
}

}  // namespace

TEST_CASE("rows come back as they were bound") {
  auto database = open_or_fail(":memory:");
  REQUIRE(database.execute("CREATE TABLE t (n INTEGER, s TEXT)").has_value());
  auto insert = database.prepare("INSERT INTO t VALUES (?1, ?2)");
  REQUIRE(insert.has_value());
  const std::string text("a\0b", 3);
  CHECK(insert->bind(1, std::int64_t{7}).bind(2, text).run().has_value());
  CHECK(insert->bind(1, std::int64_t{8}).bind(2, "").run().has_value());
  auto select = database.prepare("SELECT n, s FROM t ORDER BY n");
  REQUIRE(select.has_value());
  REQUIRE(select->step().value());
  CHECK(select->column_int(0) == 7);
  CHECK(select->column_text(1) == text);
  REQUIRE(select->step().value());
  CHECK(select->column_text(1).empty());
  CHECK_FALSE(select->step().value());
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  auto database = open_or_fail(":memory:");
  REQUIRE(database.execute("CREATE TABLE t (n INTEGER)").has_value());
  {
    auto transaction = sqlite::Transaction::begin(database);
    REQUIRE(transaction.has_value());
    REQUIRE(database.execute("INSERT INTO t VALUES (1)").has_value());
  }
  CHECK(database.number("SELECT count(*) FROM t") == 0);
}

TEST_CASE("migrations run once, and a newer schema is refused") {
  const test::TempDir dir;
  const std::string path = dir / "a.db";
  {
    auto database = open_or_fail(path);
    CHECK(database.migrate({"CREATE TABLE a (n)"}).has_value());
    CHECK(database.migrate({"CREATE TABLE a (n)", "CREATE TABLE b (n)"}).has_value());
    CHECK(database.number("PRAGMA user_version") == 2);
  }
  auto database = open_or_fail(path);
  CHECK(database.migrate({"CREATE TABLE a (n)"}).error().message.find("newer version") !=
        std::string::npos);
}

TEST_CASE("a failing migration changes nothing") {
  auto database = open_or_fail(":memory:");
  CHECK_FALSE(database.migrate({"CREATE TABLE a (n); nonsense;"}).has_value());
  CHECK(database.number("SELECT count(*) FROM sqlite_master") == 0);
  CHECK(database.number("PRAGMA user_version") == 0);
}

TEST_CASE("the file is for its owner only") {
  const test::TempDir dir;
  auto database = open_or_fail(dir / "a.db");
  struct stat info{};
  REQUIRE(::stat((dir / "a.db").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a file that is no database is told from other failures") {
  const test::TempDir dir;
  std::ofstream(dir / "a.db") << std::string(5000, 'x');
  const auto database = sqlite::Database::open(dir / "a.db");
  REQUIRE_FALSE(database.has_value());
  CHECK(database.error().is_corruption());
  const auto nowhere = sqlite::Database::open(dir / "none/a.db");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK_FALSE(nowhere.error().is_corruption());
}
