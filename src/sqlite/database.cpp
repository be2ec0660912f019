#include "sqlite/database.hpp"

#include <sys/stat.h>

#include <sqlite3.h>

namespace sqlite {

namespace {

constexpr int kBusyTimeoutMs = 5000;

int primary(int code) {
  return code & 0xff;
}

Error error_of(sqlite3* handle) {
  return {sqlite3_extended_errcode(handle), sqlite3_errmsg(handle)};
}

}  // namespace

bool Error::is_corruption() const {
  return primary(code) == SQLITE_CORRUPT || primary(code) == SQLITE_NOTADB;
}

bool Error::is_full() const {
  return primary(code) == SQLITE_FULL;
}

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Error Database::last_error() const {
  return error_of(handle_.get());
}

Result<Database> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const mode_t before = ::umask(0077);  // the file and its -wal are for this user only
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) {
    ::umask(before);
    return util::unexpected(handle == nullptr ? Error{code, sqlite3_errstr(code)}
                                              : error_of(handle));
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  auto ready = database.execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
      "PRAGMA journal_size_limit=4194304; PRAGMA temp_store=MEMORY;");
  ::umask(before);
  if (!ready) {
    return util::unexpected(std::move(ready.error()));
  }
  return database;
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return util::unexpected(last_error());
  }
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_.get(),
                         sql.data(),
                         static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT,
                         &statement,
                         nullptr) != SQLITE_OK) {
    return util::unexpected(last_error());
  }
  return Statement(handle_.get(), statement);
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) {
    return util::unexpected(std::move(statement.error()));
  }
  const auto row = statement->step();
  if (!row) {
    return util::unexpected(row.error());
  }
  return *row ? statement->column_int(0) : 0;
}

Result<std::string> Database::quick_check() {
  auto statement = prepare("PRAGMA quick_check(1)");
  if (!statement) {
    return util::unexpected(std::move(statement.error()));
  }
  const auto row = statement->step();
  if (!row) {
    return util::unexpected(row.error());
  }
  const std::string answer(*row ? statement->column_text(0) : "ok");
  return answer == "ok" ? std::string() : answer;
}

Result<void> Database::migrate(const std::vector<std::string_view>& migrations) {
  const auto version = number("PRAGMA user_version");
  if (!version) {
    return util::unexpected(version.error());
  }
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (*version > newest) {
    return util::unexpected(Error{SQLITE_MISMATCH,
                                  "written by a newer version of this program (schema " +
                                      std::to_string(*version) + ", this one knows " +
                                      std::to_string(newest) + ")"});
  }
  for (std::int64_t step = *version; step < newest; ++step) {
    auto transaction = Transaction::begin(*this);
    if (!transaction) {
      return util::unexpected(std::move(transaction.error()));
    }
    auto done =
        execute(std::string(migrations[static_cast<std::size_t>(step)]))
            .and_then([&] { return execute("PRAGMA user_version=" + std::to_string(step + 1)); })
            .and_then([&] { return transaction->commit(); });
    if (!done) {
      return done;
    }
  }
  return {};
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const {
  sqlite3_finalize(handle);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(handle_.get(),
                      parameter,
                      text.data() == nullptr ? "" : text.data(),
                      text.size(),
                      SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  Error error = error_of(database_);
  reset();
  return util::unexpected(std::move(error));
}

Result<void> Statement::run() {
  auto row = step();
  while (row && *row) {
    row = step();
  }
  if (!row) {
    return util::unexpected(std::move(row.error()));
  }
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
}

std::int64_t Statement::column_int(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::column_text(int column) const {
  const auto* const text = static_cast<const char*>(
      static_cast<const void*>(sqlite3_column_text(handle_.get(), column)));
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(size));
}

Result<Transaction> Transaction::begin(Database& database) {
  auto begun = database.execute("BEGIN IMMEDIATE");
  if (!begun) {
    return util::unexpected(std::move(begun.error()));
  }
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) {
    // Fails when SQLite already rolled back by itself (disk full); both leave no transaction open.
    static_cast<void>(database_->execute("ROLLBACK"));
  }
}

Result<void> Transaction::commit() {
  auto done = database_->execute("COMMIT");
  if (done) {
    database_ = nullptr;
  }
  return done;
}

}  // namespace sqlite
