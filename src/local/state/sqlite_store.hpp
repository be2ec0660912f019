#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "local/state/durable_store.hpp"
#include "sqlite/database.hpp"
#include "util/clock.hpp"

namespace local {

// DurableStore in one SQLite file. Writes gather in memory and become one transaction at `commit`.
class SqliteStore final : public DurableStore {
 public:
  struct Opened {
    std::unique_ptr<SqliteStore> store;
    std::string set_aside;  // where a damaged file of that name went; empty when there was none
  };

  // A damaged database is renamed to <path>.corrupt-<UTC time> (with its -wal) and a fresh one is
  // begun. The error is ready for the user.
  static util::Result<Opened, std::string> open(const std::string& path,
                                                util::Clock::TimePoint now);

  void put(std::string_view kind, std::string_view id, const doc::Node& body) override;
  void remove(std::string_view kind, std::string_view id) override;
  void each(std::string_view kind,
            const std::function<void(const std::string&, const doc::Node&)>& visit) override;
  bool commit(Durability durability) override;

  [[nodiscard]] std::uint64_t writes() const override { return writes_; }

  // Moves what the -wal file holds into the database. For an orderly end; otherwise SQLite does it
  // when it is due.
  void checkpoint() { static_cast<void>(database_.execute("PRAGMA wal_checkpoint(TRUNCATE)")); }

  // Why the last commit failed.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  // For fault injection in tests.
  sqlite::Database& database() { return database_; }

 private:
  using Key = std::pair<std::string, std::string>;

  struct Write {
    Key key;
    std::optional<std::string> body;  // nothing: remove
  };

  struct Statements {
    sqlite::Statement put;
    sqlite::Statement remove;
    sqlite::Statement each;
  };

  SqliteStore(sqlite::Database database, Statements statements)
      : database_(std::move(database)), statements_(std::move(statements)) {}

  static sqlite::Result<std::unique_ptr<SqliteStore>> open_sound(const std::string& path);
  sqlite::Result<void> write_pending();
  sqlite::Result<void> set_durability(Durability durability);

  sqlite::Database database_;
  Statements statements_;
  Durability durability_ = Durability::machine;
  std::vector<Write> pending_;
  std::map<Key, std::size_t> last_pending_;  // key -> index of its newest write in pending_
  std::uint64_t writes_ = 0;
  std::string problem_;
};

}  // namespace local
