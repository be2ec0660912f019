#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "util/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace sqlite {

// `code` is SQLite's extended result code.
struct Error {
  int code = 0;
  std::string message;

  // The file is no SQLite database, or a damaged one.
  [[nodiscard]] bool is_corruption() const;
  // No room left (disk, quota or page limit).
  [[nodiscard]] bool is_full() const;
};

template <class T>
using Result = util::Result<T, Error>;

class Statement;

// One connection, used by one thread. No conversion to sqlite3*: everything goes through the
// members.
class Database {
 public:
  // Opens or creates `path` (":memory:" for tests) readable by this user only, in WAL mode, with a
  // busy timeout and foreign keys on. synchronous starts as FULL.
  static Result<Database> open(const std::string& path);

  // One or several statements that return no rows of interest.
  Result<void> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  // The first column of the first row as a number; 0 when there is none.
  Result<std::int64_t> number(std::string_view sql);
  // Nothing wrong: empty. Otherwise SQLite's first complaint.
  Result<std::string> quick_check();

  // Brings the schema from PRAGMA user_version to migrations.size(), each step in a transaction of
  // its own. A database from a newer program is an error.
  Result<void> migrate(const std::vector<std::string_view>& migrations);

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };

  explicit Database(sqlite3* handle) : handle_(handle) {}

  [[nodiscard]] Error last_error() const;

  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement, kept for the life of its owner. Bind, then run or step; indices count from
// 1 for parameters and from 0 for columns, as SQLite does. Text is copied.
class Statement {
 public:
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);

  // For statements without rows: executes and resets.
  Result<void> run();
  // True while there is a row. After false or an error the statement is reset.
  Result<bool> step();
  void reset();
  [[nodiscard]] std::int64_t column_int(int column) const;
  [[nodiscard]] std::string_view column_text(int column) const;  // valid until the next step

 private:
  friend class Database;

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };

  Statement(sqlite3* database, sqlite3_stmt* handle) : database_(database), handle_(handle) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);

  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  // On failure nothing of it is kept.
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

}  // namespace sqlite
