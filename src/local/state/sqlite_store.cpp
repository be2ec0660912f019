#include "local/state/sqlite_store.hpp"

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "local/state/set_aside.hpp"

namespace local {

namespace {

constexpr std::string_view kSchema =
#include "local/state/schema.sql"
    ;

}  // namespace

sqlite::Result<std::unique_ptr<SqliteStore>> SqliteStore::open_sound(const std::string& path) {
  auto database = open_checked(path, kSchema);
  if (!database) {
    return util::unexpected(std::move(database.error()));
  }
  auto put = database->prepare(
      "INSERT INTO records (kind, id, body) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body");
  auto remove = database->prepare("DELETE FROM records WHERE kind = ?1 AND id = ?2");
  auto each = database->prepare("SELECT id, body FROM records WHERE kind = ?1 ORDER BY sequence");
  for (const auto* statement : {&put, &remove, &each}) {
    if (!*statement) {
      return util::unexpected(statement->error());
    }
  }
  return std::unique_ptr<SqliteStore>(new SqliteStore(
      std::move(*database), {std::move(*put), std::move(*remove), std::move(*each)}));
}

util::Result<SqliteStore::Opened, std::string> SqliteStore::open(const std::string& path,
                                                                 util::Clock::TimePoint now) {
  auto opened = open_or_begin_anew<std::unique_ptr<SqliteStore>>(path, now, open_sound);
  if (!opened) {
    return util::unexpected(std::move(opened.error()));
  }
  return Opened{std::move(opened->value), std::move(opened->set_aside)};
}

void SqliteStore::put(std::string_view kind, std::string_view id, const doc::Node& body) {
  ++writes_;
  Key key{kind, id};
  std::string text = doc::to_json(body);
  const auto last = last_pending_.find(key);
  if (last != last_pending_.end() && pending_[last->second].body) {
    pending_[last->second].body = std::move(text);
    return;
  }
  last_pending_[key] = pending_.size();
  pending_.push_back({std::move(key), std::move(text)});
}

void SqliteStore::remove(std::string_view kind, std::string_view id) {
  ++writes_;
  Key key{kind, id};
  last_pending_[key] = pending_.size();
  pending_.push_back({std::move(key), std::nullopt});
}

void SqliteStore::each(std::string_view kind,
                       const std::function<void(const std::string&, const doc::Node&)>& visit) {
  static_cast<void>(commit(Durability::process));
  std::vector<std::pair<std::string, std::string>> rows;
  statements_.each.bind(1, kind);
  for (auto row = statements_.each.step(); row && *row; row = statements_.each.step()) {
    rows.emplace_back(statements_.each.column_text(0), statements_.each.column_text(1));
  }
  for (const auto& [id, body] : rows) {
    if (const auto node = doc::read_json(body)) {
      visit(id, *node);
    }
  }
}

sqlite::Result<void> SqliteStore::set_durability(Durability durability) {
  if (durability == durability_) {
    return {};
  }
  // In WAL mode NORMAL hands the frames to the kernel without waiting for the disk; the next FULL
  // commit syncs them too.
  auto done = database_.execute(durability == Durability::machine ? "PRAGMA synchronous=FULL"
                                                                  : "PRAGMA synchronous=NORMAL");
  if (done) {
    durability_ = durability;
  }
  return done;
}

sqlite::Result<void> SqliteStore::write_pending() {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) {
    return util::unexpected(std::move(transaction.error()));
  }
  for (const Write& write : pending_) {
    sqlite::Statement& statement = write.body ? statements_.put : statements_.remove;
    statement.bind(1, write.key.first).bind(2, write.key.second);
    if (write.body) {
      statement.bind(3, *write.body);
    }
    if (auto done = statement.run(); !done) {
      return done;
    }
  }
  return transaction->commit();
}

bool SqliteStore::commit(Durability durability) {
  if (pending_.empty()) {
    return true;
  }
  const auto done = set_durability(durability).and_then([this] { return write_pending(); });
  if (!done) {
    problem_ = done.error().message;
    return false;
  }
  pending_.clear();
  last_pending_.clear();
  problem_.clear();
  return true;
}

}  // namespace local
